"""The widget of the landing page: the demo network on its photos, computed when the site is built.

A page that loads 1.5 MB in all opens at once on a phone. So the photos, classes, layers and methods are those that show
most: Grad-CAM and occlusion take less than a kB a view, guided maps of one class 200, of a second class 70.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from live_widgets import place
from sphinx.application import Sphinx

_LAYERS = ("blocks.3", "blocks.4", "blocks.6", "bn2")
# Of how many classes guided maps are kept: an espresso is hardly anything else.
_GUIDED = {"cat": 2, "camera": 2, "coffee": 1}
_CLASSES = 5
_CARD = '<div class="landing-card">{}</div>'


@cache
def _state() -> dict[str, Any]:
    """What the page has to know."""
    import xcnn_widgets as xw

    photos = xw.demo.photos()
    shown = {name: photos[name] for name in _GUIDED}
    widget = xw.ExplainerWidget(xw.demo.load(), shown, opacity=0.75)
    for index, guided in enumerate(_GUIDED.values()):
        widget.image_index = index
        classes = [said["name"] for said in widget.predictions[:_CLASSES]]
        views = [
            (["grad_cam"], classes),
            (["guided_grad_cam", "guided_backprop"], classes[:guided]),
        ]
        for methods, targets in views:
            widget.precompute(_LAYERS, targets, methods, [index])
        widget.precompute(_LAYERS[-1:], classes, ["occlusion"], [index])
    widget.image_index = 0
    widget.wait()
    state = widget.page_state()
    widget.close()
    return state


class LandingWidget(Directive):
    """The widget's place on the page, and its state."""

    def run(self) -> list[nodes.Node]:
        """Write HTML."""
        return [nodes.raw("", _CARD.format(place("xcnn-landing", _state())), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive ``landing-widget``."""
    app.add_directive("landing-widget", LandingWidget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
