"""How good an explanation is, and how far two agree."""
