"""The full screen, drawn with prompt_toolkit."""
