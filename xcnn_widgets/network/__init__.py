"""A model as it was found: its parts, its layers, its targets, and running it."""
