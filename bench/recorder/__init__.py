"""What being recorded costs a page."""
