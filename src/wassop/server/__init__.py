"""The only place where trio meets the server: listeners, connections, fan-out."""
