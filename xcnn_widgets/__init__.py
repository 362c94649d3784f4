"""Look inside convolutional networks from a notebook."""

from . import demo
from .attribution.explanation import Explanation, explain, explain_pass
from .attribution.forward_pass import ForwardPass
from .attribution.methods import METHODS
from .attribution.target_layers import default_layer, target_layers
from .explainer import CNNExplainer
from .imaging.masking import mask_from_heatmap
from .widgets.explainer_widget import ExplainerWidget
from .widgets.gallery_widget import GalleryWidget
from .widgets.occlusion_brush import OcclusionBrush

__version__ = "0.1.0"

__all__ = [
    "METHODS",
    "CNNExplainer",
    "ExplainerWidget",
    "Explanation",
    "ForwardPass",
    "GalleryWidget",
    "OcclusionBrush",
    "default_layer",
    "demo",
    "explain",
    "explain_pass",
    "mask_from_heatmap",
    "target_layers",
]
