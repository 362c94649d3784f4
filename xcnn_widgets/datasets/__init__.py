"""Whole data sets: explained, written, read again."""

from .explaining import explain_dataset
from .fingerprint import model_fingerprint
from .groups import Groups
from .kept_rows import STYLES_KEPT, WITHOUT_MODEL
from .results import Results
from .stored import StoredSource

__all__ = [
    "STYLES_KEPT",
    "WITHOUT_MODEL",
    "Groups",
    "Results",
    "StoredSource",
    "explain_dataset",
    "model_fingerprint",
]
