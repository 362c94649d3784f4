"""What the canvas shows is what Python computes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "method", ["grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "occlusion"]
)
def test_canvas_shows_the_overlay_that_python_computes(show, painted, method):
    explorer = show(f"w = explorer(method={method!r}, painted='heat'); w")
    explorer.expect_pixels(painted())
