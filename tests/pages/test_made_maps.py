"""Maps of which a page holds no pixels: how near to a kernel's it comes, and when pixels are kept all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from xcnn_widgets import demo
from xcnn_widgets.imaging import colours_of
from xcnn_widgets.methods import upsample
from xcnn_widgets.pages.packing import decoded
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..widgets.conftest import on_page, to_input

Atlas = dict[str, Any]


@pytest.fixture(scope="module")
def demo_widget() -> Any:
    widget = ExplainerWidget(demo.load(), {"coffee": demo.photos()["coffee"]}, ahead=False)
    yield widget
    widget.close()


@pytest.fixture(scope="module")
def demo_atlas(demo_widget: ExplainerWidget) -> Atlas:
    demo_widget.precompute()
    found: Any = on_page(demo_widget)["_atlas"]
    return dict(found)


def levels_at(atlas: Atlas, place: int) -> NDArray[np.int64]:
    """The levels of an attribution, read as its description says."""
    saved = atlas["attributions"][place]
    count = int(np.prod(saved["shape"]))
    data = np.frombuffer(decoded(saved), np.uint8)
    folded = data[:count].astype(int) + 256 * np.unpackbits(data[count:])[:count].astype(int)
    apart = np.where(folded % 2, -(folded + 1) // 2, folded // 2)
    if saved["base"] is not None:
        apart = (apart + levels_at(atlas, saved["base"]).ravel() + 255) % 511 - 255
    return apart.reshape(saved["shape"])


def attribution(atlas: Atlas, entry: dict[str, Any]) -> NDArray[np.float64]:
    levels = levels_at(atlas, entry["attribution"])
    scale = atlas["attributions"][entry["attribution"]]["scale"]
    values: NDArray[np.float64] = scale * np.sign(levels) * (np.abs(levels) / 255) ** 2.5
    if entry["layer"] is None:
        return values
    cam = next(
        other
        for other in atlas["entries"]
        if other["method"] == "grad_cam"
        and (other["layer"], other["target"]) == (entry["layer"], entry["target"])
    )
    low, high = cam["range"]
    grid = low + np.frombuffer(decoded(cam), np.uint8) / 255 * (high - low)
    large = upsample(torch.tensor(grid.reshape(1, *cam["shape"])), values.shape[1:])
    return values * large.numpy()


def share_within_two(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    return float((np.abs(found.astype(int) - wanted.astype(int)) <= 2).mean())


def test_guided_maps_are_made_within_two_grey_levels(
    demo_widget: ExplainerWidget, demo_atlas: Atlas
) -> None:
    made = [entry for entry in demo_atlas["entries"] if entry["encoding"] == "made"]
    # Of each class nine layers of Guided Grad-CAM, guided backpropagation, and the deconvnet.
    assert len(made) == 5 * 11
    for entry in made:
        demo_widget.target = entry["target"]["index"]
        demo_widget.method = entry["method"]
        demo_widget.layer = entry["layer"] or demo_widget.layer
        explanation: Any = demo_widget.explanation
        colours, clip = colours_of(explanation.values[0])
        values = attribution(demo_atlas, entry)
        assert entry["colour"]["clip"] == clip
        found = np.rint(127.5 + 127.5 * (values / clip).clip(-1, 1)).transpose(1, 2, 0)
        assert share_within_two(found, colours) >= 0.99
        low, high = entry["range"]
        heat = np.rint((np.abs(values).max(0) - low) / (high - low) * 255).clip(0, 255)
        assert share_within_two(heat, 255 * explanation.heatmaps()[0]) >= 0.99


def test_a_second_class_weighs_half_of_the_first_or_less(demo_atlas: Atlas) -> None:
    weights: dict[bool, list[int]] = {True: [], False: []}
    for saved in demo_atlas["attributions"]:
        weights[saved["base"] is None].append(len(saved["data"]))
    assert len(weights[True]) == 2
    assert max(weights[False]) < 0.5 * min(weights[True])


def test_two_photos_of_the_demo_take_a_few_megabytes(tmp_path: Path) -> None:
    photos = demo.photos()
    pictures = {name: photos[name] for name in ("cat", "coffee")}
    widget = ExplainerWidget(demo.load(), pictures, ahead=False)
    widget.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size < 3_600_000
    widget.close()
    gallery = GalleryWidget(demo.load(), pictures)
    gallery.to_html(tmp_path / "gallery.html")
    assert (tmp_path / "gallery.html").stat().st_size < 1_800_000
    gallery.close()


def test_the_kernel_shows_the_true_map_of_what_a_page_makes(
    widget: ExplainerWidget,
) -> None:
    widget.method = "guided_backprop"
    wanted = widget.heatmap
    widget.precompute(methods=["guided_backprop", "guided_grad_cam"])
    widget.exploration.forget()
    widget.target = 3
    widget.target = None
    assert np.abs(widget.heatmap - wanted).max() < 1e-6


def test_heat_alone_is_kept_as_it_is(widget: ExplainerWidget) -> None:
    widget.painted = "heat"
    widget.precompute(methods=["guided_backprop"], targets=[0], images=[0])
    atlas: Any = on_page(widget)["_atlas"]
    assert atlas["version"] == 1
    assert "attributions" not in atlas
    assert [len(decoded(entry)) for entry in atlas["entries"]] == [40 * 56]


def test_bands_that_are_not_shown_keep_the_pixels(pictures: dict[str, Any]) -> None:
    model = nn.Sequential(
        nn.Conv2d(5, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    images = torch.rand(2, 5, 24, 32)
    widget = ExplainerWidget(model, list(images), display=(3, 1, 0))
    widget.precompute(methods=["guided_backprop"], targets=[0], images=[0])
    atlas: Any = on_page(widget)["_atlas"]
    assert [entry["encoding"] in ("raw", "deflate") for entry in atlas["entries"]] == [True]
    assert len(decoded(atlas["entries"][0]["colour"])) == 24 * 32 * 3
    widget.close()


def test_it_says_at_most_what_it_weighs_of_guided_maps(
    model: nn.Module, pictures: dict[str, Any]
) -> None:
    widget = ExplainerWidget(model, pictures, transform=to_input, ahead=False)
    said: list[str] = []
    widget.observe(lambda change: said.append(change.new), "status")
    size = widget.precompute(methods=["guided_grad_cam"], targets=[0, 1], images=[0])
    grids = sum(h * w for _, h, w in (layer["shape"] for layer in on_page(widget)["_layers"]))
    # Nine bits a value of three channels, and Grad-CAM beside, which was not asked for.
    attributions = 40 * 56 * 3 * 9 // 8
    most = len(on_page(widget)["_picture"]["data"]) + 2 * (grids + attributions)
    assert f"at most about {round(most / 1000)} kB" in said[0]
    assert size <= most
    widget.close()
