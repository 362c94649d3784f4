"""Look inside convolutional networks from a notebook."""

from . import demo
from .attribution.forward_pass import ForwardPass
from .attribution.methods import METHODS, Explanation, explain, explain_pass
from .attribution.target_layers import default_layer, target_layers
from .explainer import CNNExplainer
from .widgets.explainer_widget import ExplainerWidget
from .widgets.gallery_widget import GalleryWidget

__version__ = "0.1.0"

__all__ = [
    "METHODS",
    "CNNExplainer",
    "ExplainerWidget",
    "Explanation",
    "ForwardPass",
    "GalleryWidget",
    "default_layer",
    "demo",
    "explain",
    "explain_pass",
    "target_layers",
]
