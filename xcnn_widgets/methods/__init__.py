"""What explains an answer: one file for each family of methods."""
