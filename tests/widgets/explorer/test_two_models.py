"""An explorer of several models: one is looked at, another stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets import ExplainerWidget

from ...models.two_by_hand import colour_net, picture, to_input
from ..conftest import on_page

RED, GREEN, BLUE = (4.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, 0.0, 4.0)
PICTURES = {"one": picture(1), "two": picture(2)}


@pytest.fixture
def nets() -> dict[str, nn.Module]:
    return {"before": colour_net(RED, GREEN), "after": colour_net(GREEN, RED)}


@pytest.fixture
def widget(nets: dict[str, nn.Module]) -> Iterator[ExplainerWidget]:
    made = ExplainerWidget(nets, PICTURES, ["r", "g"], transform=to_input)
    yield made
    made.wait(60)
    made.close()


def values(widget: ExplainerWidget) -> Any:
    return on_page(widget)["_map"]["range"]


def test_two_models_stand_side_by_side_at_first(widget: ExplainerWidget) -> None:
    assert (widget.model, widget.beside) == ("before", "after")
    state = on_page(widget)["_beside"]
    assert state["model"] == "after" and state["changed_mind"] and state["why_no_difference"] == ""
    assert state["picture"] is None, "both are given the same picture, which goes once"
    assert state["map"]["target"]["name"] == on_page(widget)["_map"]["target"]["name"]
    assert [change["name"] for change in state["changes"]] == ["r", "g"]
    assert widget.comparison is not None and widget.comparison.difference is not None


def test_each_model_runs_once_a_picture(nets: dict[str, nn.Module]) -> None:
    runs = dict.fromkeys(nets, 0)
    for name, net in nets.items():
        net.register_forward_hook(lambda *_, name=name: runs.update({name: runs[name] + 1}))
    widget = ExplainerWidget(nets, PICTURES, ["r", "g"], transform=to_input, ahead=False)
    opened = dict(runs)
    widget.image_index = 1
    seen = dict(runs)
    assert {name: seen[name] - opened[name] for name in nets} == {"before": 1, "after": 1}
    widget.target = "g"
    widget.model, widget.image_index = "after", 0
    assert runs == seen, "every further question is answered from the passes that were recorded"
    widget.close()


def test_another_model_answers_what_was_asked(widget: ExplainerWidget, nets: Any) -> None:
    widget.target = "r"
    widget.model = "after"
    assert (widget.model, widget.beside, widget.target) == ("after", "before", 0)
    direct = xw.explain(nets["after"], to_input(PICTURES["one"])[None], "grad_cam", 0, layer="relu")
    np.testing.assert_allclose(widget.heatmap, direct.heatmaps()[0], atol=1e-6)
    assert widget.exploration.model is nets["after"]


def test_classes_follow_by_name_and_layers_by_depth() -> None:
    other = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    widget = ExplainerWidget(
        {"one": colour_net(RED, GREEN), "other": other},
        PICTURES,
        {"one": ["cat", "dog"], "other": ["ant", "dog", "cat", "eel"]},
        transform=to_input,
        target="cat",
    )
    assert widget.layer == "relu"
    widget.model = "other"
    assert widget.target == 2 and widget.shown.map["target"]["name"] == "cat"
    assert widget.layer == on_page(widget)["_layers"][-1]["name"]
    assert on_page(widget)["_class_names"] == ["ant", "dog", "cat", "eel"]
    widget.target = "eel"
    assert on_page(widget)["_beside"]["why_not"] == "one has no class 'eel'."
    widget.model = "one"
    # The class that it lacks gives way to what it predicts itself.
    assert widget.target is None
    widget.close()


def test_a_choice_that_cannot_be_leaves_model_and_controls_as_they_were(
    nets: dict[str, nn.Module],
) -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("it is broken")

    widget = ExplainerWidget({**nets, "broken": Broken()}, PICTURES, transform=to_input)
    assert widget.beside is None
    before = on_page(widget)
    with pytest.raises(TraitError, match=r"model = 'broken': .*it is broken"):
        widget.model = "broken"
    with pytest.raises(TraitError, match=r"beside = 'broken': .*it is broken"):
        widget.beside = "broken"
    after = on_page(widget)
    told = ("model", "beside", "layer", "target", "_layers", "_methods", "_map")
    assert [after[name] for name in told] == [before[name] for name in told]
    with pytest.raises(TraitError, match="model = 'nobody': there is 'before', 'after', 'broken'"):
        widget.model = "nobody"
    with pytest.raises(TraitError, match="it is the model that is looked at"):
        widget.beside = "before"
    widget.close()


def test_what_a_page_chooses_never_raises(widget: ExplainerWidget) -> None:
    widget.set_state({"model": "nobody"})
    assert "model = 'nobody'" in widget.error and widget.model == "before"
    widget.set_state({"model": "after"})
    assert widget.model == "after" and widget.error == "" and widget.beside == "before"


def test_reset_goes_back_to_the_first_model(widget: ExplainerWidget) -> None:
    widget.model, widget.image_index, widget.target = "after", 1, "g"
    widget.reset()
    assert (widget.model, widget.beside, widget.image_index, widget.target) == (
        "before",
        "after",
        0,
        None,
    )
    assert widget.shown.choice.model == "before"


def test_slow_methods_answer_for_both(widget: ExplainerWidget, nets: Any) -> None:
    widget.patch, widget.stride, widget.method = 4, 2, "occlusion"
    comparison = widget.comparison
    assert comparison is not None and comparison.second is not None
    assert comparison.second.map["method"] == "occlusion"
    target = widget.shown.map["target"]["index"]
    x = to_input(PICTURES["one"])[None]
    one, other = (xw.explain(nets[n], x, "occlusion", target, patch=4, stride=2) for n in nets)
    assert comparison.difference is not None
    np.testing.assert_allclose(
        comparison.difference, other.values[0].numpy() - one.values[0].numpy(), atol=1e-5
    )


def test_a_model_alone_has_no_name_and_offers_none(nets: dict[str, nn.Module]) -> None:
    widget = ExplainerWidget(nets["before"], PICTURES, transform=to_input)
    state = on_page(widget)
    assert state["model"] is state["beside"] is state["_beside"] is None
    assert state["_models"] == {} and widget.comparison is None
    widget.close()


def test_a_dict_of_one_works_and_offers_nothing_to_choose(nets: dict[str, nn.Module]) -> None:
    widget = ExplainerWidget({"only": nets["before"]}, PICTURES, transform=to_input)
    assert (widget.model, widget.beside) == ("only", None)
    assert on_page(widget)["_models"]["names"] == ["only"]
    widget.close()


def test_models_of_different_kinds_of_answers_are_shown_and_not_subtracted() -> None:
    dense = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1))
    widget = ExplainerWidget(
        {"classes": colour_net(RED, GREEN), "areas": dense}, picture(1, 32, 48), transform=to_input
    )
    comparison = widget.comparison
    assert comparison is not None and comparison.second is not None
    assert comparison.difference is None and "different kinds" in comparison.why_no_difference
    widget.close()


def test_checkpoints_are_looked_at_one_after_the_other(tmp_path: Path, nets: Any) -> None:
    for step, name in {1: "before", 2: "after"}.items():
        torch.save(nets[name].state_dict(), tmp_path / f"step{step}.pt")
    torch.save(nn.Linear(1, 1).state_dict(), tmp_path / "step10.pt")
    states = xw.checkpoints(colour_net(RED, BLUE), tmp_path)
    widget = ExplainerWidget(states, PICTURES, ["r", "g"], transform=to_input, model="step2")
    assert on_page(widget)["_models"] == {
        "names": ["step1", "step2", "step10"],
        "kind": "checkpoints",
    }
    assert widget.beside is None
    widget.beside = "step1"
    assert widget.comparison is not None and widget.comparison.changed_mind
    widget.set_state({"model": "step10"})
    assert "step10.pt does not fit the model" in widget.error and widget.model == "step2"
    widget.close()


def test_its_figure_has_both_maps_and_their_difference(widget: ExplainerWidget) -> None:
    titles = [axes.get_title() for axes in widget.figure().axes]
    assert titles[:3] == ["before", "after", "after less before"]
    assert len(titles) == 4  # and the colour bar of both
    widget.beside = None
    assert [axes.get_title() for axes in widget.figure().axes][:2] == ["picture", "heatmap"]
