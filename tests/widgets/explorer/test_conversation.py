"""What goes between Python and the browser."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from xcnn_widgets.methods.heatmaps import heatmaps
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..conftest import NAMES, to_input


def test_a_grad_cam_goes_as_its_own_small_grid_in_one_message_below_a_kilobyte(
    widget: ExplainerWidget, sent: Any
) -> None:
    widget.target = 0
    before = len(sent(widget))
    widget.set_state({"layer": "4"})
    messages = [m for m in sent(widget)[before:] if "_map" in m.state]
    assert len(messages) == 1
    (message,) = messages
    assert "_picture" not in message.state
    size = len(repr(dict(message))) + sum(len(buffer) for buffer in message.buffers)
    shown = widget._map
    assert shown is not None
    assert shown["shape"] == [20, 28]
    assert [len(buffer) for buffer in message.buffers] == [20 * 28]
    assert size - 20 * 28 < 800
    widget.set_state({"layer": "7"})
    message = next(m for m in reversed(sent(widget)) if "_map" in m.state)
    assert len(repr(dict(message))) + sum(len(buffer) for buffer in message.buffers) < 1024


def test_the_grid_and_its_range_give_the_heatmap_back_to_a_grey_level(
    widget: ExplainerWidget,
) -> None:
    for method in ("grad_cam", "guided_grad_cam", "saliency", "occlusion"):
        widget.method = method
        shown = widget._map
        assert shown is not None
        low, high = shown["range"]
        levels = np.frombuffer(shown["data"], np.uint8).reshape(shown["shape"]).astype(np.float32)
        values = torch.from_numpy(low + levels / 255 * (high - low)).unsqueeze(0)
        again = heatmaps(values, tuple(shown["size"]))[0].numpy()
        assert np.abs(again - widget.heatmap).max() <= 1 / 255
        assert widget.explanation is not None
        assert (low, high) == widget.explanation.ranges()[0]


def test_the_picture_goes_once_for_each_picture_and_is_lossless(
    widget: ExplainerWidget, sent: Any, pictures: dict[str, Any]
) -> None:
    for trait, value in [
        ("layer", "1"),
        ("method", "saliency"),
        ("target", 2),
        ("image_index", 1),
        ("layer", "4"),
    ]:
        widget.set_state({trait: value})
    updates = [m.state["_picture"] for m in sent(widget) if "_picture" in m.state]
    assert (
        len([update for update in updates if update is not None]) == 2
    )  # the one at the start, and the new one
    assert widget._picture is not None
    np.testing.assert_array_equal(
        np.array(Image.open(io.BytesIO(widget._picture["data"]))), pictures["bee"]
    )
    assert (widget._picture["size"], widget._picture["name"]) == ([40, 56], "bee")


def test_what_the_browser_asks_wrongly_is_told_in_error_and_the_next_good_choice_clears_it(
    widget: ExplainerWidget,
) -> None:
    shown = widget.heatmap.copy()
    widget.set_state({"layer": "nope"})
    assert "no layer 'nope'" in widget.error
    assert widget.layer == "7"
    np.testing.assert_array_equal(widget.heatmap, shown)
    widget.set_state({"layer": "4"})
    assert widget.error == ""
    assert widget.explanation is not None
    assert widget.explanation.layer == "4"


def test_a_model_that_fails_for_one_picture_is_told_in_error(pictures: Any) -> None:
    class Picky(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.mean() > 0.9:
                raise RuntimeError("too bright")
            return self.fc(self.conv(x).relu().mean((2, 3)))

    images = {
        "dark": np.zeros((12, 16, 3), np.uint8),
        "bright": np.full((12, 16, 3), 255, np.uint8),
    }
    widget = ExplainerWidget(Picky(), images, transform=to_input)
    shown = widget.heatmap.copy()
    widget.set_state({"image_index": 1})
    assert "RuntimeError: too bright" in widget.error
    np.testing.assert_array_equal(widget.heatmap, shown)
    assert widget._picture is not None
    assert widget._picture["name"] == "dark"
    widget.set_state({"image_index": 0})
    assert widget.error == ""


def test_a_broken_picture_is_named_and_the_others_go_on(
    model: nn.Module, tmp_path: Path, pictures: Any
) -> None:
    (tmp_path / "a.jpg").write_text("this is no picture")
    Image.fromarray(pictures["ant"]).save(tmp_path / "b.png")
    widget = ExplainerWidget(model, tmp_path, transform=to_input)
    widget.wait(60)
    assert widget.image_index == 1
    assert "a.jpg" in widget.error
    assert "b.png is shown instead" in widget.error
    assert widget._thumbnails[0] is None
    assert Image.open(io.BytesIO(widget._thumbnails[1])).format == "JPEG"
    widget.set_state({"target": 2})
    assert widget.error == ""
    widget.set_state({"image_index": 0})
    assert "a.jpg" in widget.error
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(ValueError, match="none of the 2 pictures can be read"):
        ExplainerWidget(model, tmp_path, transform=to_input)


def test_names_travel_as_they_are(widget: ExplainerWidget) -> None:
    assert widget._class_names == NAMES


def test_a_thousand_changes_between_two_choices_leave_the_model_and_the_passes_alone(
    widget: ExplainerWidget, model: nn.Module
) -> None:
    calls = []
    handle = model.register_forward_hook(lambda *_: calls.append(1))
    try:
        for _ in range(50):
            for layer in ("1", "4", "7"):
                widget.set_state({"layer": layer})
            widget.set_state({"target": 1})
            widget.set_state({"target": None})
    finally:
        handle.remove()
    assert calls == []


def test_the_mimebundle_has_the_widget_its_text_and_a_picture(widget: ExplainerWidget) -> None:
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget)
    assert re.fullmatch(
        r"ExplainerWidget\(image='ant', method='grad_cam', layer='7', target='.*'\)", repr(widget)
    )
    assert "application/vnd.jupyter.widget-view+json" in data
    drawn = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert drawn.width > drawn.height > 100


def test_the_figure_has_the_status_as_title_and_the_true_range_on_its_colour_bar(
    widget: ExplainerWidget,
) -> None:
    figure = widget.figure()
    texts = " ".join(text.get_text() for text in figure.findobj() if hasattr(text, "get_text"))
    assert widget.explanation is not None
    _, high = widget.explanation.ranges()[0]
    assert f"{high:.3g}" in texts
    assert widget.status in texts.replace("\n", " ")


def test_a_closed_widget_holds_nothing_and_follows_nothing(model: nn.Module, pictures: Any) -> None:
    widget = ExplainerWidget(model, pictures, transform=to_input)
    widget.wait(60)
    widget.close()
    widget.close()
    assert widget.heatmap is None
    assert widget.explanation is None
    widget.layer = "1"
    assert widget.heatmap is None
    assert repr(widget) == "ExplainerWidget(nothing shown)"
    assert not any(module._forward_hooks for module in model.modules())
