"""The brush: hide a part of a picture, and see what the model says."""
