"""The brush: hide a part of a picture, and see what the model says."""

from .partner import LINKED, Partner
from .widget import OcclusionBrush

__all__ = ["LINKED", "OcclusionBrush", "Partner"]
