"""Signals and volumes in the explorer: what goes over the wire, what is kept, what refuses them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import TensorDataset
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets.methods import OFFERED
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ...models.other_inputs import network_of
from ...pages.test_static_html import state_in
from ..conftest import on_page

VOLUMES = torch.rand(2, 1, 5, 12, 18, generator=torch.Generator().manual_seed(0))
SIGNALS = torch.randn(3, 2, 40, generator=torch.Generator().manual_seed(1))
NAMES = ["a", "b", "c"]


@pytest.fixture
def volume() -> Iterator[ExplainerWidget]:
    widget = ExplainerWidget(network_of(3), VOLUMES, NAMES)
    yield widget
    widget.close()


@pytest.fixture
def signal() -> Iterator[ExplainerWidget]:
    widget = ExplainerWidget(network_of(1, 2), TensorDataset(SIGNALS), NAMES)
    yield widget
    widget.close()


def test_a_volumes_slices_go_as_one_picture_and_its_map_as_its_own_grid(
    volume: ExplainerWidget,
) -> None:
    state = on_page(volume)
    picture, grid = state["_picture"], state["_map"]
    assert (picture["size"], picture["columns"]) == ([5, 12, 18], 2)
    mosaic = np.asarray(Image.open(io.BytesIO(picture["data"])))
    levels = (VOLUMES[0, 0, 3] * 255 + 0.5).floor().byte()
    np.testing.assert_array_equal(mosaic[12:24, 18:36, 0], levels)
    assert (grid["shape"], grid["size"], len(grid["data"])) == ([3, 6, 9], [5, 12, 18], 3 * 6 * 9)


@pytest.mark.parametrize("method", OFFERED)
def test_every_method_gives_what_explain_gives(
    volume: ExplainerWidget, signal: ExplainerWidget, method: str
) -> None:
    for widget, inputs in ((volume, VOLUMES), (signal, SIGNALS)):
        widget.patch, widget.stride, widget.target = 4, 3, 1
        widget.method = method
        options: dict[str, Any] = (
            {"patch": 4, "stride": 3, "exact": False} if method == "occlusion" else {}
        )
        expected = xw.explain(widget.exploration.model, inputs[:1], method, 1, **options)
        assert widget.heatmap.shape == inputs.shape[2:]
        assert widget.heatmap.max() == 1
        np.testing.assert_allclose(widget.heatmap, expected.heatmaps()[0], atol=1e-6)


def test_a_signal_goes_as_the_values_of_its_lines(signal: ExplainerWidget) -> None:
    signal.image_index = 2
    picture = on_page(signal)["_picture"]
    assert (picture["size"], picture["lines"]) == ([40], [0, 1])
    sent = np.frombuffer(picture["data"], "<f4").reshape(2, 40)
    np.testing.assert_array_equal(sent, SIGNALS[2].numpy())
    assert on_page(signal)["_map"]["shape"] == [20]


def test_it_opens_on_the_slice_with_the_greatest_value() -> None:
    widget = ExplainerWidget(network_of(3), VOLUMES, NAMES, method="saliency")
    assert widget.slice == int(widget.heatmap.max(axis=(1, 2)).argmax())
    widget.close()


def test_a_slice_of_a_coarse_map_stands_in_the_middle_of_what_it_covers() -> None:
    bright = torch.zeros(1, 12, 8, 8)
    bright[0, 8:] = 1
    model = nn.Sequential(
        nn.AvgPool3d(4), nn.Conv3d(1, 2, 1, bias=False), nn.AdaptiveAvgPool3d(1), nn.Flatten()
    )
    nn.init.ones_(next(model.parameters()))
    widget = ExplainerWidget(model, bright, layers=["1"])
    assert widget._map is not None
    assert (widget._map["shape"], widget.slice) == ([3, 2, 2], 10)
    widget.close()
    widget = ExplainerWidget(model, torch.ones(1, 12, 8, 8), layers=["1"])
    assert widget.slice == 6
    widget.close()


def test_a_slice_is_a_look_that_python_sets_and_a_page_sends(volume: ExplainerWidget) -> None:
    shown = volume.shown
    volume.slice = 4
    assert volume.shown is shown
    for wrong, message in ((5, "there are 5 slices, 0 to 4"), (-1, "slice")):
        with pytest.raises(TraitError, match=message):
            volume.slice = wrong
    assert volume.slice == 4
    volume.set_state({"slice": 1, "layer": "3"})
    assert (volume.slice, volume.layer, volume.error) == (1, "3", "")
    volume.reset()
    assert volume.slice == volume._defaults["slice"]
    with pytest.raises(TraitError, match="slice = 7: there are 5 slices"):
        ExplainerWidget(network_of(3), VOLUMES, NAMES, slice=7)
    chosen = ExplainerWidget(network_of(3), VOLUMES, NAMES, slice=1)
    assert chosen.slice == 1
    chosen.close()


def test_only_volumes_have_slices(signal: ExplainerWidget) -> None:
    with pytest.raises(TraitError, match="slice = 1: only volumes have slices"):
        signal.slice = 1


def test_a_volume_of_fewer_slices_shows_its_last(volume: ExplainerWidget) -> None:
    widget = ExplainerWidget(network_of(3), [VOLUMES[0], VOLUMES[1, :, :2]], NAMES, slice=4)
    widget.image_index = 1
    assert (widget.slice, widget.heatmap.shape, widget.error) == (1, (2, 12, 18), "")
    widget.close()


def test_the_figure_shows_the_slice_and_says_which(
    volume: ExplainerWidget, signal: ExplainerWidget
) -> None:
    volume.slice = 3
    figure = volume.figure()
    assert figure.texts[0].get_text().endswith("in volume 0, slice 4 of 5")
    drawn = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(drawn, volume.exploration.prepared(0).picture[3])
    lanes = signal.figure().axes[:2]
    for lane, values in zip(lanes, SIGNALS[0], strict=True):
        np.testing.assert_array_equal(lane.lines[-1].get_ydata(), values)
    for widget in (volume, signal):
        bundle: Any = widget._repr_mimebundle_()
        assert "image/png" in (bundle[0] if isinstance(bundle, tuple) else bundle)


def test_occlusion_begins_with_windows_that_can_be_waited_for() -> None:
    clip = torch.rand(1, 16, 64, 96)
    widget = ExplainerWidget(network_of(3), clip, NAMES)
    assert (widget.patch, widget.stride) == (13, 13)
    widget.close()


def test_pages_hold_volumes_and_signals(
    volume: ExplainerWidget, signal: ExplainerWidget, tmp_path: Path
) -> None:
    for widget, size in ((volume, [5, 12, 18]), (signal, [40])):
        widget.slice = 0
        widget.to_html(tmp_path / "page.html")
        state = state_in((tmp_path / "page.html").read_text(encoding="utf-8"))
        assert state["slice"] == 0
        assert {tuple(image["picture"]["size"]) for image in state["_atlas"]["images"]} == {
            tuple(size)
        }
        count = len(state["_layers"])
        images = len(state["_images"])
        assert len(state["_atlas"]["entries"]) == images * 3 * (2 * count + 3)
        assert widget.precompute() <= widget._saving.precompute(None, None, None, None)


def test_what_was_kept_as_levels_is_a_heatmap_again(
    volume: ExplainerWidget, signal: ExplainerWidget
) -> None:
    for widget in (volume, signal):
        widget.precompute()
        expected = widget.heatmap
        widget.method = "saliency"
        widget._free()
        widget.exploration.forget()
        widget.method = "grad_cam"
        assert widget.shown.explanation is None
        np.testing.assert_allclose(widget.heatmap, expected, atol=1 / 255)


@pytest.mark.parametrize("widget", [xw.GalleryWidget, xw.OcclusionBrush])
@pytest.mark.parametrize(("inputs", "dimensions"), [(VOLUMES, 3), (SIGNALS, 1)])
def test_widgets_of_pictures_refuse_them(widget: Any, inputs: Tensor, dimensions: int) -> None:
    model = network_of(dimensions, inputs.shape[1])
    shape = str(tuple(inputs.shape[1:])).replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(
        ValueError, match=f"{widget.__name__} shows pictures .*{shape}; use ExplainerWidget"
    ):
        widget(model, inputs, NAMES)


def test_the_explorers_brush_refuses_a_volume_in_the_widget(volume: ExplainerWidget) -> None:
    with pytest.raises(ValueError, match="OcclusionBrush shows pictures"):
        volume.hide_and_see()
    volume.set_state({"_brush_wanted": 1})
    assert "OcclusionBrush shows pictures" in volume.error


def test_a_clip_is_explained_by_r3d() -> None:
    model = torchvision.models.video.r3d_18(weights=None).eval()
    clip = torch.rand(3, 6, 32, 48)
    widget = ExplainerWidget(model, {"clip": clip}, target=7, layers=["layer3", "layer4"])
    widget.layer = "layer3"
    expected = xw.explain(model, clip[None], target=7, layer="layer3").heatmaps()[0]
    np.testing.assert_allclose(widget.heatmap, expected, atol=1e-6)
    assert widget.heatmap.shape == (6, 32, 48)
    assert len(widget.predictions) == 5
    widget.close()
