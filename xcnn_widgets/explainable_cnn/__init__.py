"""A drop-in for the package explainable-cnn."""

from .base_explainer import BaseExplainer
from .explainer import CNNExplainer

__all__ = ["BaseExplainer", "CNNExplainer"]
