"""Every class on a page: what is kept, how exact it is, and what is said where the head is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from xcnn_widgets.pages.packing import decoded
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..widgets.conftest import NAMES, on_page, to_input


@pytest.fixture
def fitting() -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 4),
    ).eval()


def widget_of(model: nn.Module, pictures: Any, **choices: Any) -> ExplainerWidget:
    return ExplainerWidget(model, pictures, NAMES, transform=to_input, ahead=False, **choices)


def test_maps_and_scores_of_every_class_follow_from_what_is_kept(
    fitting: nn.Sequential, pictures: dict[str, Any]
) -> None:
    widget = widget_of(fitting, pictures)
    widget.precompute(methods=["saliency"], targets=[0], classes="all")
    head: Any = on_page(widget)["_atlas"]["head"]
    assert (head["version"], head["method"], head["layer"]) == (1, "grad_cam", "1")
    assert (head["read"], head["shape"]) == ("softmax", [4, 6])
    weights = np.frombuffer(decoded(head), np.int8).reshape(4, 6)
    scaled = weights * np.frombuffer(head["scales"], "<f4")[:, None]
    assert np.abs(scaled - fitting[4].state_dict()["weight"].numpy()).max() < 0.004
    assert [part["image_index"] for part in head["pictures"]] == [0, 1, 2]
    for part in head["pictures"]:
        activation = part["scale"] * np.frombuffer(decoded(part), "<f2").astype(np.float32)
        activation = activation.reshape(part["shape"])
        cells = np.prod(part["shape"][1:])
        widget.image_index = part["image_index"]
        scores = widget.exploration.scores(part["image_index"])[0].numpy()
        assert np.array_equal(np.frombuffer(part["scores"], "<f4"), scores)
        for target in range(4):
            widget.method, widget.target = "grad_cam", target
            explanation: Any = widget.explanation
            wanted = explanation.values[0].numpy()
            found = np.maximum(np.tensordot(scaled[target], activation, 1), 0) / cells
            assert np.abs(found - wanted).max() <= 0.02 * max(wanted.max(), 1e-3)
    widget.close()


def test_status_and_size_tell_of_every_class(
    fitting: nn.Sequential, pictures: dict[str, Any], tmp_path: Path
) -> None:
    widget = widget_of(fitting, pictures)
    size = widget.precompute(methods=["grad_cam"], targets=[1], classes="all")
    assert widget.status.startswith("3 views and Grad-CAM at 1 of all 4 classes saved, ")
    head: Any = on_page(widget)["_atlas"]["head"]
    assert size > len(head["data"]) + sum(len(part["data"]) for part in head["pictures"])
    widget.to_html(tmp_path / "page.html")
    assert '"head": {"version": 1' in (tmp_path / "page.html").read_text(encoding="utf-8")
    # Read in another way, what was saved holds no more.
    widget.activation = "sigmoid"
    assert on_page(widget)["_atlas"] is None
    widget.close()


def test_another_network_keeps_its_atlas_and_says_what_does_not_fit(
    widget: ExplainerWidget,
) -> None:
    widget.precompute(methods=["grad_cam"], targets=[1], images=[0, 1], classes="all")
    atlas: Any = on_page(widget)["_atlas"]
    assert len(atlas["entries"]) == 6
    assert "head" not in atlas
    assert widget.status.startswith("6 views saved")
    assert widget.status.count("Not every class: behind layer") == 1
    assert "more than take a mean" in widget.status


def test_without_asking_no_head_is_kept(fitting: nn.Sequential, pictures: dict[str, Any]) -> None:
    widget = widget_of(fitting, pictures)
    widget.precompute(methods=["grad_cam"], targets=[1])
    assert "head" not in on_page(widget)["_atlas"]
    widget.close()


def test_what_is_not_all_is_refused(widget: ExplainerWidget) -> None:
    with pytest.raises(ValueError, match="classes is 'many'; expected 'all', or None"):
        widget.precompute(classes="many")  # type: ignore[arg-type]
