"""Whole data sets: explained, written, read again. Needs the extra ``datasets``."""

from .explaining import explain_dataset
from .results import Results

__all__ = ["Results", "explain_dataset"]
