"""What explains an answer: one file for each family of methods."""

from .adapters import method
from .baselines import Baseline, baseline_of
from .channels import ChannelTerms, channel_terms, channel_terms_pass, shares_of
from .explanation import Explanation, explain, explain_pass
from .heatmaps import as_maps, heatmaps, is_constant, normalise, ranges, upsample
from .libraries import from_captum, from_torchcam, from_zennit
from .many_scores import (
    IsCancelled,
    ManyScores,
    Progress,
    Read,
    chunks,
    refuse_cancelled,
    require_positive,
    scores_of,
    versions_at_once,
)
from .method import FAMILIES, Family, Method
from .table import METHODS, OFFERED, known_methods, method_named

__all__ = [
    "FAMILIES",
    "METHODS",
    "OFFERED",
    "Baseline",
    "ChannelTerms",
    "Explanation",
    "Family",
    "IsCancelled",
    "ManyScores",
    "Method",
    "Progress",
    "Read",
    "as_maps",
    "baseline_of",
    "channel_terms",
    "channel_terms_pass",
    "chunks",
    "explain",
    "explain_pass",
    "from_captum",
    "from_torchcam",
    "from_zennit",
    "heatmaps",
    "is_constant",
    "known_methods",
    "method",
    "method_named",
    "normalise",
    "ranges",
    "refuse_cancelled",
    "require_positive",
    "scores_of",
    "shares_of",
    "upsample",
    "versions_at_once",
]
