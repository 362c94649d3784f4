"""Views computed ahead: what is saved, what it weighs, and what is not computed again."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from xcnn_widgets import demo
from xcnn_widgets.study.wire import quantised
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..widgets.conftest import NAMES, on_page, to_input

METHODS = ["grad_cam", "guided_grad_cam", "guided_backprop", "saliency"]


@contextmanager
def forward_calls(model: nn.Module) -> Iterator[list[int]]:
    """How often the model runs meanwhile."""
    calls: list[int] = []
    handle = model.register_forward_pre_hook(lambda *_: calls.append(1))
    try:
        yield calls
    finally:
        handle.remove()


def levels(entry: dict[str, Any]) -> Any:
    data = zlib.decompress(entry["data"]) if entry["encoding"] == "deflate" else entry["data"]
    return np.frombuffer(data, np.uint8).reshape(entry["shape"])


def test_by_default_all_layers_classes_and_quick_methods_of_all_pictures_are_saved(
    widget: ExplainerWidget,
) -> None:
    widget.precompute()
    atlas = on_page(widget)["_atlas"]
    found = {
        (entry["image_index"], entry["method"], entry["layer"], entry["target"]["index"])
        for entry in atlas["entries"]
    }
    layers = [layer["name"] for layer in on_page(widget)["_layers"]]
    using = {"grad_cam": layers, "guided_grad_cam": layers}
    assert found == {
        (image, method, layer, target)
        for image in range(3)
        for method in [*METHODS, "deconvnet"]
        for layer in using.get(method, [None])
        for target in range(4)
    }
    assert len(atlas["entries"]) == len(found)
    assert atlas["version"] == 3
    # One of guided backpropagation and one of the deconvnet for each picture and class.
    assert len(atlas["attributions"]) == 2 * 3 * 4
    assert [image["picture"]["name"] for image in atlas["images"]] == ["ant", "bee", "cow"]
    assert [len(image["predictions"]) for image in atlas["images"]] == [4, 4, 4]


def test_a_saved_view_is_what_the_widget_shows(widget: ExplainerWidget) -> None:
    widget.precompute(methods=["saliency", "grad_cam"], targets=["green"], images=[1])
    entries: Any = on_page(widget)["_atlas"]["entries"]
    widget.image_index, widget.target = 1, "green"
    for entry in entries:
        widget.method = entry["method"]
        widget.layer = entry["layer"] or widget.layer
        shown: Any = widget.explanation
        assert np.array_equal(levels(entry), quantised(shown.maps()[0].numpy(), *shown.ranges()[0]))
        assert entry["range"] == list(shown.ranges()[0])
        assert (entry["status"], entry["note"]) == (widget.status, widget.note)


def test_what_was_computed_ahead_runs_the_model_no_more(
    widget: ExplainerWidget, model: nn.Module
) -> None:
    with forward_calls(model) as calls:
        widget.precompute()
        # The picture shown has been run already.
        assert len(calls) == 2
        widget.precompute()
        for image in (2, 1, 0):
            widget.image_index = image
            for method in METHODS:
                widget.method = method
                for target in (3, None, "red"):
                    widget.target = target
        assert len(calls) == 2


def test_what_the_kernel_has_forgotten_is_answered_from_the_views_saved(
    widget: ExplainerWidget, model: nn.Module
) -> None:
    widget.precompute(methods=["grad_cam", "saliency", "guided_backprop"])
    seen = {}
    for choice in product((2, 1), ("grad_cam", "saliency"), (None, 3)):
        widget.image_index, widget.method, widget.target = choice
        seen[choice] = (widget.heatmap, widget.status, widget.predictions, repr(widget))
    widget.reset()
    widget.exploration.forget()
    with forward_calls(model) as calls:
        for choice, (heatmap, *words) in seen.items():
            widget.image_index, widget.method, widget.target = choice
            assert np.abs(widget.heatmap - heatmap).max() < 1 / 255
            assert [widget.status, widget.predictions, repr(widget)] == words
            assert widget.figure().axes
        assert calls == []
        # The attribution itself is not saved: whoever asks for it gets the true one.
        explanation: Any = widget.explanation
        assert np.abs(explanation.heatmaps()[0] - seen[choice][0]).max() < 1e-6
        assert len(calls) == 1
        widget.method = "deconvnet"
        assert "Deconvnet" in widget.status


def test_only_the_picture_shown_is_taken_of_very_many(model: nn.Module) -> None:
    images = [np.full((24, 32, 3), shade, np.uint8) for shade in range(13)]
    widget = ExplainerWidget(model, images, transform=to_input, image_index=4)
    widget.precompute(methods=["saliency"], targets=[0])
    assert [entry["image_index"] for entry in on_page(widget)["_atlas"]["entries"]] == [4]
    widget.close()


def test_a_picture_that_cannot_be_read_is_left_out_and_named(
    model: nn.Module, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    good = np.zeros((24, 32, 3), np.uint8)
    widget = ExplainerWidget(model, [good, str(tmp_path / "broken.png")], transform=to_input)
    widget.precompute(methods=["saliency"], targets=[0])
    assert "1 view saved" in widget.status
    assert "broken.png" in widget.status
    widget.close()


def test_it_says_its_size_before_and_after(widget: ExplainerWidget) -> None:
    said: list[str] = []
    shares: list[Any] = []
    widget.observe(lambda change: said.append(change.new), "status")
    widget.observe(lambda change: shares.append(change.new), "progress")
    size = widget.precompute(methods=["grad_cam"], targets=[0, 1], images=[0])
    grids = sum(h * w for _, h, w in (layer["shape"] for layer in on_page(widget)["_layers"]))
    most = len(on_page(widget)["_picture"]["data"]) + 2 * grids
    assert said[0] == f"Saving up to 6 views, at most about {round(most / 1000)} kB ..."
    assert said[-1] == f"6 views saved, {round(size / 1000)} kB."
    assert size <= most
    assert shares[0] == 0
    assert shares[-2:] == [1, None]


def test_cancel_keeps_what_is_done(widget: ExplainerWidget) -> None:
    def cancel_half_way(change: Any) -> None:
        if change.new is not None and change.new >= 0.5:
            widget.set_state({"_cancel": on_page(widget)["_cancel"] + 1})

    widget.observe(cancel_half_way, "progress")
    widget.precompute(methods=["grad_cam"], targets=[0, 1], images=[0])
    assert widget.status.startswith("Cancelled; 3 views saved")
    assert widget.progress is None


def test_no_page_is_written_when_its_views_were_cancelled(
    widget: ExplainerWidget, tmp_path: Path
) -> None:
    def cancel(change: Any) -> None:
        if change.new is not None:
            widget.set_state({"_cancel": on_page(widget)["_cancel"] + 1})

    widget.observe(cancel, "progress")
    with pytest.raises(RuntimeError, match="cancelled, so no page"):
        widget.to_html(tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"layers": ["nope"]}, ValueError, "layers holds 'nope'; there are '1'"),
        ({"layers": "1"}, TypeError, r"expected a list, such as \['1'\]"),
        ({"methods": ["magic"]}, ValueError, "methods holds 'magic'; there are 'grad_cam'"),
        ({"images": [3]}, ValueError, "images holds 3; there are 0 to 2"),
        ({"targets": ["purple"]}, ValueError, "purple"),
        ({"targets": [4]}, ValueError, "4"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    widget: ExplainerWidget, asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        widget.precompute(**asked)
    assert on_page(widget)["_atlas"] is None


def test_occlusion_is_saved_with_its_patch_and_stride(
    model: nn.Module, pictures: dict[str, Any]
) -> None:
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input, patch=16, stride=12)
    widget.precompute(methods=["occlusion"], targets=[2], images=[0])
    assert on_page(widget)["_atlas"]["entries"][0]["options"] == {"patch": 16, "stride": 12}
    widget.close()


def test_the_demo_network_stays_within_its_budget() -> None:
    net = demo.load()
    widget = ExplainerWidget(net, {"cat": demo.photos()["cat"]})
    sizes = {}
    for methods in (["grad_cam"], METHODS):
        widget.precompute(methods=methods)
        atlas = on_page(widget)["_atlas"]
        parts = [*atlas["entries"], *atlas.get("attributions", [])]
        sizes[len(methods)] = sum(len(part["data"]) for part in parts)
    # Of these, 73 kB are what two noisy 112 x 112 grids and a 56 x 56 one hold.
    assert sizes[1] < 82_000
    assert sizes[4] < 600_000
    widget.close()
