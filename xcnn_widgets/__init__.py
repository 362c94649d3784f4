"""Look inside convolutional networks from a notebook."""

from .attribution.forward_pass import ForwardPass
from .attribution.methods import METHODS, Explanation, explain, explain_pass
from .attribution.target_layers import default_layer, target_layers

__all__ = [
    "METHODS",
    "Explanation",
    "ForwardPass",
    "default_layer",
    "explain",
    "explain_pass",
    "target_layers",
]
