"""The explorer: one picture, and every question about it."""

from .widget import ExplainerWidget

__all__ = ["ExplainerWidget"]
