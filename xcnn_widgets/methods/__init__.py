"""What explains an answer: one file for each family of methods."""

from .adapters import method
from .channels import ChannelTerms, channel_terms, channel_terms_pass, shares_of
from .explanation import Explanation, explain, explain_pass
from .heatmaps import as_maps, heatmaps, is_constant, normalise, ranges, upsample
from .libraries import from_captum, from_torchcam, from_zennit
from .many_scores import ManyScores, refuse_cancelled, scores_of, versions_at_once
from .method import FAMILIES, Family, Method
from .table import METHODS, method_named

__all__ = [
    "FAMILIES",
    "METHODS",
    "ChannelTerms",
    "Explanation",
    "Family",
    "ManyScores",
    "Method",
    "as_maps",
    "channel_terms",
    "channel_terms_pass",
    "explain",
    "explain_pass",
    "from_captum",
    "from_torchcam",
    "from_zennit",
    "heatmaps",
    "is_constant",
    "method_named",
    "normalise",
    "ranges",
    "method",
    "refuse_cancelled",
    "scores_of",
    "shares_of",
    "upsample",
    "versions_at_once",
]
