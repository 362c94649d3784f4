"""What outlives the kernel: pages that need neither Python nor a network."""

from .atlas import Atlas
from .atlas_plan import Plan
from .atlas_plans import Plans
from .atlases import Atlases
from .gallery_atlas import GalleryAtlas
from .gallery_numbers import keep_numbers
from .gallery_plan import GalleryPlan
from .html import STATE_VERSION, page, static_text, write_whole
from .packing import bytes_in_words

__all__ = [
    "STATE_VERSION",
    "Atlas",
    "Atlases",
    "GalleryAtlas",
    "GalleryPlan",
    "Plan",
    "Plans",
    "bytes_in_words",
    "keep_numbers",
    "page",
    "static_text",
    "write_whole",
]
