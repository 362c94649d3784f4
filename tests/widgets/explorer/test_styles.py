"""A map is painted in several ways; what one of them needs goes over the wire once it is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import xcnn_widgets as xw
from xcnn_widgets.imaging import colours_of


def network(channels: int = 3) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 3),
    ).eval()


def opened(channels: int = 3, **choices: Any) -> Any:
    picture = torch.rand(channels, 10, 14, generator=torch.Generator().manual_seed(2))
    return xw.ExplainerWidget(network(channels), {"noise": picture}, ahead=False, **choices)


def test_guided_methods_come_in_colour_and_others_by_heat() -> None:
    widget = opened(method="guided_backprop")
    values = widget.explanation.values[0]
    colours, clip = colours_of(values)
    assert widget._map["colour"]["data"] == colours.tobytes()
    assert widget._map["colour"]["clip"] == pytest.approx(clip)
    widget.method = "saliency"
    assert not {"colour", "signed"} & widget._map.keys()
    widget.painted = "in colour"
    assert len(widget._map["colour"]["data"]) == 3 * 10 * 14


def test_a_signed_map_is_the_sum_over_the_channels() -> None:
    widget = opened(method="saliency", painted="positive and negative")
    sent, summed = widget._map["signed"], widget.explanation.values[0].sum(0).numpy()
    low, high = sent["range"]
    levels = np.frombuffer(sent["data"], np.uint8).reshape(10, 14)
    clipped = summed.clip(-sent["clip"], sent["clip"])
    np.testing.assert_allclose(low + levels / 255 * (high - low), clipped, atol=(high - low) / 500)


def test_what_a_cam_has_not_is_painted_as_usual() -> None:
    widget = opened(painted="in colour")
    assert not {"colour", "signed"} & widget._map.keys()
    assert len(widget.figure().axes) == 4


def test_channels_in_colour_are_those_that_the_picture_shows() -> None:
    styles = {"guided_backprop": "in colour", "saliency": "heat", "grad_cam": "heat"}
    for channels, options, sent in ((1, {}, 1), (6, {}, 3), (6, {"display": (5, 0, 1)}, 3)):
        widget = opened(channels, method="guided_backprop", **options)
        usual = {known["name"]: known["styles"][0] for known in widget._methods}
        assert styles.items() <= usual.items()
        assert widget._map["colour"]["channels"] == sent
    shown = colours_of(widget.explanation.values[0, [5, 0, 1]])[0]
    assert widget._map["colour"]["data"] == shown.tobytes()


def test_a_picture_painted_by_a_callable_tells_no_colours() -> None:
    painter = lambda inputs: np.zeros((*inputs.shape[1:], 3), np.uint8)  # noqa: E731
    widget = opened(6, method="guided_backprop", display=painter)
    offered = {known["name"]: known["styles"] for known in widget._methods}
    assert offered["guided_backprop"] == ["heat", "positive and negative", "contours"]


@pytest.mark.parametrize("style", ["heat", "in colour", "positive and negative", "contours"])
def test_a_figure_is_drawn_in_every_way(style: str) -> None:
    widget = opened(method="saliency", painted=style)
    label = widget.figure().axes[-1].get_ylabel()
    clips = style in ("in colour", "positive and negative")
    assert label == ("clipped at the 99.5th percentile" if clips else "")


def test_a_page_saves_what_the_chosen_way_needs(tmp_path: Path) -> None:
    widget = opened(painted="positive and negative")
    widget.to_html(tmp_path / "page.html")
    entries = {entry["method"]: entry for entry in widget.page_state()["_atlas"]["entries"]}
    assert "signed" in entries["saliency"]
    assert "colour" not in entries["guided_backprop"]


def test_the_region_is_what_is_at_or_above_the_threshold() -> None:
    widget = opened(method="saliency", threshold=0.4)
    np.testing.assert_array_equal(widget.region().mask, widget.heatmap >= np.float32(0.4))
    widget.threshold, widget.top_share = 0.0, 0.1
    assert widget.region().mask.sum() == 14
    assert widget.region().boxes == xw.boxes_from_heatmap(widget.heatmap, 0.01, top_share=0.1)
