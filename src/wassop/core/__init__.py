"""The chat itself: names, rooms, sessions and every rule. Pure: no sockets, no clock, no waiting."""
