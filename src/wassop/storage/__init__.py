"""What was said, on disk: one SQLite file. Synchronous; whoever may not wait calls it in a thread."""
