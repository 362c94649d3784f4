"""Look inside convolutional networks from a notebook."""

from . import demo
from .explainable_cnn import CNNExplainer
from .imaging.masking import mask_from_heatmap
from .methods.explanation import Explanation, explain, explain_pass
from .methods.table import METHODS
from .network.layers import default_layer, target_layers
from .passes.forward_pass import ForwardPass
from .widgets.brush.widget import OcclusionBrush
from .widgets.explorer.widget import ExplainerWidget
from .widgets.gallery.widget import GalleryWidget

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
