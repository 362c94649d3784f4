"""What makes many inputs at once faster."""
