"""The explorer: one picture, and every question about it."""
