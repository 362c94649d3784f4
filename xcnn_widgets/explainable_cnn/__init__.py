"""A drop-in for the package explainable-cnn."""

from .explainer import CNNExplainer

__all__ = ["CNNExplainer"]
