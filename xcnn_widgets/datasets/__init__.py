"""Whole data sets: explained, written, read again. Needs the extra ``datasets``."""

from .explaining import explain_dataset
from .groups import Groups
from .results import Results

__all__ = ["Groups", "Results", "explain_dataset"]
