"""What explains an answer: one file for each family of methods."""

from .channels import ChannelTerms, channel_terms, channel_terms_pass, shares_of
from .explanation import Explanation, explain, explain_pass
from .heatmaps import as_maps, heatmaps, is_constant, normalise, ranges, upsample
from .method import FAMILIES, Family, Method
from .table import METHODS, method_named

__all__ = [
    "FAMILIES",
    "METHODS",
    "ChannelTerms",
    "Explanation",
    "Family",
    "Method",
    "as_maps",
    "channel_terms",
    "channel_terms_pass",
    "explain",
    "explain_pass",
    "heatmaps",
    "is_constant",
    "method_named",
    "normalise",
    "ranges",
    "shares_of",
    "upsample",
]
