"""Look inside convolutional networks from a notebook."""

from . import demo
from .datasets import Groups, Results, explain_dataset
from .explainable_cnn import CNNExplainer
from .imaging.heat_regions import boxes_from_heatmap
from .imaging.masking import mask_from_heatmap
from .methods.adapters import method
from .methods.channels import ChannelTerms, channel_terms
from .methods.explanation import Explanation, explain, explain_pass
from .methods.libraries import from_captum, from_torchcam, from_zennit
from .methods.table import METHODS
from .network.boxes import box
from .network.contrasts import contrast
from .network.layers import default_layer, target_layers
from .network.places import pixel, region
from .network.regions import class_areas
from .network.similarity import similarity
from .passes.forward_pass import ForwardPass
from .study.checkpoints import checkpoints
from .widgets.brush import OcclusionBrush
from .widgets.explorer import ExplainerWidget
from .widgets.gallery.widget import GalleryWidget

__version__ = "0.1.0"

__all__ = [
    "METHODS",
    "CNNExplainer",
    "ChannelTerms",
    "ExplainerWidget",
    "Explanation",
    "ForwardPass",
    "GalleryWidget",
    "Groups",
    "OcclusionBrush",
    "Results",
    "box",
    "boxes_from_heatmap",
    "channel_terms",
    "checkpoints",
    "class_areas",
    "contrast",
    "default_layer",
    "demo",
    "explain",
    "explain_dataset",
    "explain_pass",
    "from_captum",
    "from_torchcam",
    "from_zennit",
    "mask_from_heatmap",
    "method",
    "pixel",
    "region",
    "similarity",
    "target_layers",
]
