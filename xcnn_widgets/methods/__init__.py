"""What explains an answer: one file for each family of methods."""

from .explanation import Explanation, explain, explain_pass
from .heatmaps import as_maps, heatmaps, normalise, upsample
from .table import METHODS, Method, method_named

__all__ = [
    "METHODS",
    "Explanation",
    "Method",
    "as_maps",
    "explain",
    "explain_pass",
    "heatmaps",
    "method_named",
    "normalise",
    "upsample",
]
