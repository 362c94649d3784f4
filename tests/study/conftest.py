"""The small network of the widgets' tests, and its pictures."""

from ..widgets.conftest import model, pictures, sent, widget

__all__ = ["model", "pictures", "sent", "widget"]
