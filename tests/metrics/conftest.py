"""The small network of these tests, its inputs, and one thread."""

from ..models.two_stages import inputs, model, one_thread

__all__ = ["inputs", "model", "one_thread"]
