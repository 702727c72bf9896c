"""wassop: the chat that any client can walk into."""

__version__ = "0.1.0"
