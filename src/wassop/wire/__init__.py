"""The dialects: bytes to commands, events to bytes. Pure: no sockets, no clock, no waiting."""
