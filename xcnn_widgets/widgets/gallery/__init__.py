"""The gallery: many pictures, a row for each."""
