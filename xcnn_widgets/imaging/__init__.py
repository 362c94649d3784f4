"""Pictures in and out; knows no model internals."""
