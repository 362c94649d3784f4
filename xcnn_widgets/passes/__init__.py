"""One recorded forward pass, and every gradient asked of it."""
