"""The panel "Can I trust it?", by its traits: what it sends, when, and what it leaves alone."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

import xcnn_widgets as xw

from ..conftest import NAMES, on_page, to_input


def by_page(widget: xw.ExplainerWidget, **state: Any) -> None:
    widget.set_state(state)


def sent_names(messages: list[Any]) -> set[str]:
    return {name for message in messages for name in message.state}


def opened(widget: xw.ExplainerWidget) -> dict[str, Any]:
    by_page(widget, trust_open=True)
    widget.wait(60)
    assert widget.error == ""
    assert widget._trust is not None
    return widget._trust


def test_it_is_closed_at_first_and_sends_nothing(widget, sent):
    sent(widget).clear()
    widget.target, widget.image_index = "blue", 1
    widget.wait(60)
    assert not widget.trust_open
    assert not {name for name in sent_names(sent(widget)) if "trust" in name}


def test_opened_it_sends_what_python_tells(widget):
    widget.method, widget.target = "saliency", "blue"
    state, found = opened(widget), widget.trust()
    assert (state["method"], state["target"]["name"], state["why"]) == ("saliency", "blue", {})
    assert widget._trust_progress is None
    curve = state["randomised"]["correlation"]
    np.testing.assert_allclose(curve, [1, *found.randomised.rank_correlation], atol=1e-5)
    steps, height, width = state["randomised"]["shape"]
    assert (steps, height, width) == (len(found.randomised.layers) + 1, 40, 56)
    levels = np.frombuffer(state["randomised"]["data"], np.uint8).reshape(steps, height, width)
    trained = found.randomised.trained
    share = (trained - trained.min()) / (trained.max() - trained.min())
    assert np.abs(levels[0] / 255 - share).max() <= 0.5 / 255 + 1e-5
    np.testing.assert_allclose(state["removed"]["deletion"]["map"], found.removed.deletion["map"])
    assert state["removed"]["order"] == found.removed.order.tobytes()
    assert state["other"]["name"] == found.other.name
    assert state["randomised"]["labels"][0].startswith("none")
    assert state["randomised"]["labels"][-1] == "all"
    assert len(state["randomised"]["labels"]) == steps


def test_it_follows_what_is_shown_and_stops_when_closed(widget, sent):
    opened(widget)
    by_page(widget, image_index=2)
    widget.wait(60)
    assert widget._trust["image_index"] == 2
    by_page(widget, trust_open=False)
    sent(widget).clear()
    by_page(widget, image_index=0)
    widget.wait(60)
    assert not {name for name in sent_names(sent(widget)) if name.startswith("_trust")}


def test_while_requests_flood_the_last_one_wins_and_the_weights_stay(widget, model):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    by_page(widget, trust_open=True)
    for number in range(24):
        by_page(widget, target=number % 4, image_index=number % 3)
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    by_page(widget, target=1, image_index=1, method="guided_backprop")
    widget.wait(60)
    state = widget._trust
    asked = (state["method"], state["target"]["index"], state["image_index"])
    assert asked == ("guided_backprop", 1, 1)
    assert state["randomised"]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_cancelled_it_can_be_asked_again(widget):
    by_page(widget, trust_open=True)
    by_page(widget, _trust_cancel=1)
    widget.wait(60)
    assert widget._trust_progress is None
    by_page(widget, _trust_wanted=1)
    widget.wait(60)
    assert widget._trust["randomised"]


def test_what_goes_wrong_stands_in_error(widget, model):
    def break_it(_module: Any, _args: Any, output: Any) -> Any:
        return output * float("nan")

    by_page(widget, method="saliency")
    widget.wait(60)
    handle = model[-1].register_forward_hook(break_it)
    by_page(widget, trust_open=True)
    widget.wait(60)
    handle.remove()
    why = widget._trust["why"] if widget._trust else {"all": widget.error}
    assert any("NaN" in reason for reason in why.values())


def test_a_map_that_is_the_same_everywhere_says_so(model, pictures):
    nothing = xw.method(
        "nothing", "Nothing", lambda _m, inputs, _t, _l: inputs[:, 0] * 0, family="perturbation"
    )
    widget = xw.ExplainerWidget(model, pictures, NAMES, transform=to_input, methods=[nothing])
    by_page(widget, trust_open=True, _trust_wanted=1)
    widget.wait(60)
    assert "same everywhere" in widget.error
    assert (widget._trust, widget._trust_progress) == (None, None)
    with pytest.raises(ValueError, match="same everywhere"):
        widget.trust()
    widget.close()


def test_a_page_without_a_kernel_keeps_what_was_found(widget):
    opened(widget)
    assert on_page(widget)["_trust"]["randomised"]
    assert widget.page_state()["_trust"]["removed"]


def test_methods_with_many_passes_wait_until_they_are_asked(widget):
    by_page(widget, method="occlusion")
    widget.wait(60)
    by_page(widget, trust_open=True)
    widget.wait(60)
    assert (widget._trust, widget._trust_progress) == (None, None)
    by_page(widget, _trust_wanted=1)
    widget.wait(120)
    assert widget._trust["method"] == "occlusion"
    assert widget._trust["randomised"]


def test_what_was_told_of_another_map_of_a_slow_method_goes(widget):
    by_page(widget, method="occlusion", patch=12, stride=10)
    widget.wait(60)
    by_page(widget, trust_open=True, _trust_wanted=1)
    widget.wait(120)
    assert widget._trust["randomised"]
    by_page(widget, trust_open=False)
    by_page(widget, trust_open=True)
    assert widget._trust["randomised"]
    # The page could not tell: method, class and picture are the same.
    by_page(widget, patch=10)
    widget.wait(60)
    assert (widget._trust, widget._trust_progress) == (None, None)


def test_it_says_which_of_several_models_it_asked(model, pictures):
    other = copy.deepcopy(model)
    with torch.no_grad():
        other[-1].weight.neg_()
    models = {"before": model, "after": other}
    widget: Any = xw.ExplainerWidget(models, pictures, NAMES, transform=to_input, target="blue")
    first = opened(widget)
    assert first["model"] == widget.model == "before"
    by_page(widget, model="after")
    widget.wait(60)
    assert widget._trust["model"] == "after"
    assert widget._trust["removed"]["deletion"] != first["removed"]["deletion"]
    widget.close()
