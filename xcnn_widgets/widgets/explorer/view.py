"""What the browser shows and chooses, as traits; no logic."""

from __future__ import annotations

from typing import Any

import traitlets

from ..live_view import LiveView


class ExplainerView(LiveView):
    """The traits that Python and the browser share.

    A person's choices go to the kernel when they are made. Looks are drawn by the browser alone: they cost no
    message, and reach Python with the next choice.
    """

    _drawn_as = "explainer"

    # Choices.
    image_index = traitlets.Int(0).tag(sync=True)
    """Which picture is explained, 0 for the first."""

    method = traitlets.Unicode("grad_cam").tag(sync=True)
    """The method's name, as ``grad_cam``."""

    layer = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The target layer's name; kept while a method that needs none is shown."""

    target: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    """The class explained: its index, or (from Python) its name; None follows the prediction."""

    patch = traitlets.Int(32).tag(sync=True)
    """The side of occlusion's window, in pixels."""

    stride = traitlets.Int(16).tag(sync=True)
    """The step between occlusion's windows, in pixels."""

    # Looks.
    threshold = traitlets.Float(0.0, min=0.0, max=1.0).tag(sync=True)
    """Heatmap values below it are left transparent, 0 to 1."""

    wipe = traitlets.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    """How much of an overlay's width is painted on screen, from the left; beyond stands the picture. 0 to 1."""

    display = traitlets.Enum(["overlay", "heatmap", "picture", "side_by_side"], "overlay").tag(
        sync=True
    )
    """What is drawn."""

    # What is shown.
    predictions = traitlets.List(traitlets.Dict()).tag(sync=True)
    """The top five: a list of ``{"index", "name", "probability"}``, the likeliest first."""

    _images = traitlets.List(traitlets.Dict()).tag(sync=True)
    _thumbnails: Any = traitlets.List(traitlets.Bytes(allow_none=True)).tag(sync=True)
    _picture = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _map = traitlets.Instance(dict, allow_none=True).tag(sync=True)
    _opening_error = traitlets.Unicode("").tag(sync=True)
    """The error that says that another picture was chosen than was asked for: what is shown is chosen."""
    _class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _methods = traitlets.List(traitlets.Dict()).tag(sync=True)
    _layers = traitlets.List(traitlets.Dict()).tag(sync=True)
