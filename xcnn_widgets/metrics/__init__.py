"""How good an explanation is, and how far two agree."""

from .agreement import disagreement

__all__ = [
    "disagreement",
]
