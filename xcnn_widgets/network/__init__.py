"""A model as it was found: its parts, its layers, its targets, and running it."""

from .answers import ACTIVATIONS, Activation, Limits, TwoSided, answer_of
from .boxes import Box, box
from .calls import Call
from .cancelling import Cancelled, cancelled_by, is_cancelled
from .contrasts import Contrast, contrast
from .detections import Detections, detections_of
from .graph import (
    AnswerEnd,
    buffers_of,
    has_backward_hooks,
    has_forward_hooks,
    has_hooks,
    is_packed,
    is_view,
    linear_layer,
    modules_of,
    parameters_of,
    saved_tensors,
    undisturbed,
    version_of,
    versions_of,
)
from .layers import default_layer, layer_shapes, layers_of, module_named, target_layers
from .layouts import Layout, Reshaped
from .numbers import OVERFLOWED, at_least_float32, is_finite, require_finite, why_not_finite
from .outputs import OutputChoice, logits_of, tensors_of
from .parts import ModelParts, layer_kind
from .places import Pixel, Region, pixel, region
from .regions import Regions, class_areas
from .relu_rules import (
    BACKWARD_RULES,
    BackwardRule,
    Relus,
    ShowInPlaceRelu,
    UnknownRelus,
    obeying,
    relus_behind,
    require_visible,
)
from .running import evaluating, layer_outputs, model_lock, run
from .score_finding import ScoreFinding
from .similarity import PictureSimilarity, Similarity, similarity
from .subject import Reshape, Subject
from .targets import (
    Anchored,
    Resolved,
    Target,
    anchored,
    class_indices,
    class_scores,
    require_gradient,
    resolved,
    scores,
)

__all__ = [
    "ACTIVATIONS",
    "BACKWARD_RULES",
    "OVERFLOWED",
    "Activation",
    "Anchored",
    "AnswerEnd",
    "BackwardRule",
    "Box",
    "Call",
    "Cancelled",
    "Contrast",
    "Detections",
    "Layout",
    "Limits",
    "ModelParts",
    "OutputChoice",
    "PictureSimilarity",
    "Pixel",
    "Region",
    "Regions",
    "Relus",
    "Reshape",
    "Reshaped",
    "Resolved",
    "ScoreFinding",
    "ShowInPlaceRelu",
    "Similarity",
    "Subject",
    "Target",
    "TwoSided",
    "UnknownRelus",
    "anchored",
    "answer_of",
    "at_least_float32",
    "box",
    "buffers_of",
    "cancelled_by",
    "class_areas",
    "class_indices",
    "class_scores",
    "contrast",
    "default_layer",
    "detections_of",
    "evaluating",
    "has_backward_hooks",
    "has_forward_hooks",
    "has_hooks",
    "is_cancelled",
    "is_finite",
    "is_packed",
    "is_view",
    "layer_kind",
    "layer_outputs",
    "layer_shapes",
    "layers_of",
    "linear_layer",
    "logits_of",
    "model_lock",
    "module_named",
    "modules_of",
    "obeying",
    "parameters_of",
    "pixel",
    "region",
    "relus_behind",
    "require_finite",
    "require_gradient",
    "require_visible",
    "resolved",
    "run",
    "saved_tensors",
    "scores",
    "similarity",
    "target_layers",
    "tensors_of",
    "undisturbed",
    "version_of",
    "versions_of",
    "why_not_finite",
]
