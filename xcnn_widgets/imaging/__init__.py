"""Pictures in and out; knows no model internals."""

from .class_names import ClassNames, Names
from .display import DisplayChoice
from .folders import natural_order
from .heat_regions import HeatRegion, boxes_from_heatmap, hot_mask
from .inputs import InputChannels, Trial, input_shape
from .masking import (
    FILLS,
    IN_INPUT_UNITS,
    Mask,
    fill_for,
    fill_picture,
    hide,
    mask_from_heatmap,
    normalisation_of,
    region_by_chance,
)
from .overlays import (
    BLENDS,
    DEFAULT_COLORMAP,
    DIVERGING_COLORMAP,
    Blend,
    colour_table,
    overlay,
    overlay_rgba,
    signed_picture,
)
from .painting import (
    CLIPPED,
    Painted,
    PaintLook,
    painted_by_heat,
    painted_contours,
    painted_in_colour,
    painted_signed,
)
from .pictures import Pictures, small_jpeg
from .prepared_pictures import PreparedPictures
from .preprocessing import Prepared, Preprocessing, imagenet_normalised
from .reading import PictureSource, read_picture
from .signed import (
    CLIP_PERCENTILE,
    centred,
    clip_of,
    colour_overlay,
    colours_of,
    signed_overlay,
)
from .transforms import ProcessorTransform, Transform, is_image_processor, is_torchvision_weights
from .volumes import mosaic

__all__ = [
    "BLENDS",
    "CLIPPED",
    "CLIP_PERCENTILE",
    "DEFAULT_COLORMAP",
    "DIVERGING_COLORMAP",
    "FILLS",
    "IN_INPUT_UNITS",
    "Blend",
    "ClassNames",
    "DisplayChoice",
    "HeatRegion",
    "InputChannels",
    "Mask",
    "Names",
    "PaintLook",
    "Painted",
    "PictureSource",
    "Pictures",
    "Prepared",
    "PreparedPictures",
    "Preprocessing",
    "ProcessorTransform",
    "Transform",
    "Trial",
    "boxes_from_heatmap",
    "centred",
    "clip_of",
    "colour_overlay",
    "colour_table",
    "colours_of",
    "fill_for",
    "fill_picture",
    "hide",
    "hot_mask",
    "imagenet_normalised",
    "input_shape",
    "is_image_processor",
    "is_torchvision_weights",
    "mask_from_heatmap",
    "mosaic",
    "natural_order",
    "normalisation_of",
    "overlay",
    "overlay_rgba",
    "painted_by_heat",
    "painted_contours",
    "painted_in_colour",
    "painted_signed",
    "read_picture",
    "region_by_chance",
    "signed_overlay",
    "signed_picture",
    "small_jpeg",
]
