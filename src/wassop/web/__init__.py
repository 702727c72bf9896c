"""What a browser finds here: the page, and whom it is shown to."""
