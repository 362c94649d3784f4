"""One classifier of each family of torchvision, timm and transformers, with nothing configured.

`python -m tests.models.families` asks them all and prints what they say; with `--write` it writes the
table of `docs/which-models-work.md`.
"""

from .asking import Answer, ask
from .specimen import Specimen
from .timm_families import TIMM, families_of_timm
from .torchvision_families import TORCHVISION
from .transformers_families import TRANSFORMERS

SPECIMENS: tuple[Specimen, ...] = (*TORCHVISION, *TIMM, *TRANSFORMERS)

__all__ = [
    "SPECIMENS",
    "TIMM",
    "TORCHVISION",
    "TRANSFORMERS",
    "Answer",
    "Specimen",
    "ask",
    "families_of_timm",
]
