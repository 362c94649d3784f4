"""The panel about a layer's channels, by its traits: what it sends, when, and what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from traitlets import TraitError

import xcnn_widgets as xw

from ..conftest import NAMES, on_page, to_input

LAYER = "7"


def floats(data: bytes) -> Any:
    return np.frombuffer(data, "<f4")


def by_page(widget: xw.ExplainerWidget, **state: Any) -> None:
    """Set traits as a page does."""
    widget.set_state(state)


def sent_names(messages: list[Any]) -> set[str]:
    return {name for message in messages for name in message.state}


def terms_of(widget: xw.ExplainerWidget, target: int) -> xw.ChannelTerms:
    index = widget.image_index
    inputs = widget.exploration.prepared(index).input.unsqueeze(0)
    return xw.channel_terms(widget.exploration.model, inputs, target, widget.layer)


def test_it_is_closed_at_first_and_sends_nothing(widget, sent):
    sent(widget).clear()
    widget.target = "blue"
    widget.layer = "4"
    widget.image_index = 1
    assert not widget.channels_open
    assert not {name for name in sent_names(sent(widget)) if name.startswith("_channel")}


def test_opened_it_sends_grids_once_a_layer_and_weights_with_each_class(widget, sent):
    widget.layer = LAYER
    widget.target = 2
    sent(widget).clear()
    by_page(widget, channels_open=True)
    assert {"_channel_layer", "_channel_weights"} <= sent_names(sent(widget))
    state, weights, terms = widget._channel_layer, widget._channel_weights, terms_of(widget, 2)
    channels, h, w = terms.activations.shape[1:]
    assert (state["shape"], state["averaged"]) == ([channels, h, w], 1)
    assert len(state["data"]) == channels * h * w
    levels = np.frombuffer(state["data"], np.uint8).reshape(channels, h, w) / 255
    low, high = (floats(state[name])[:, None, None] for name in ("low", "high"))
    maps = terms.activations[0].numpy()
    assert np.abs(low + levels * (high - low) - maps).max() <= (high - low).max() / 510 + 1e-6
    np.testing.assert_allclose(floats(state["mean"]), terms.means[0], rtol=1e-5)
    np.testing.assert_allclose(floats(weights["data"]), terms.weights[0], rtol=1e-5)
    assert weights["target"]["name"] == "blue"

    sent(widget).clear()
    by_page(widget, target=1)
    assert "_channel_layer" not in sent_names(sent(widget))
    assert widget._channel_weights["target"]["name"] == "green"
    by_page(widget, image_index=1)
    assert widget._channel_layer["image_index"] == 1
    by_page(widget, layer="4")
    assert (widget._channel_layer["layer"], widget._channel_layer["shape"][0]) == ("4", 12)
    by_page(widget, channels_open=False)
    sent(widget).clear()
    by_page(widget, layer=LAYER)
    assert not {name for name in sent_names(sent(widget)) if name.startswith("_channel")}
    assert widget.error == ""


def test_channels_are_data_too(widget):
    widget.layer = LAYER
    widget.target = "green"
    table, terms = widget.channels(), terms_of(widget, 1)
    assert (table.layer, table.target, table.image) == (LAYER, "green", "ant")
    np.testing.assert_allclose(table.share, terms.shares[0], rtol=1e-5)
    frame = table.to_dataframe()
    assert list(frame.columns) == ["number", "weight", "mean", "share"]
    assert len(frame) == len(table) == 16
    assert frame["share"].abs().sum() == pytest.approx(1, abs=1e-5)
    with pytest.raises(AttributeError):
        table.share = 0


def test_switched_off_channels_change_map_and_classes_as_by_hand(widget, model):
    widget.layer, widget.target = LAYER, 2
    widget.channels_open = True
    widget.channels_off = [5, 0, 5]
    assert widget.channels_off == [0, 5]
    inputs = widget.exploration.prepared(0).input.unsqueeze(0)
    with torch.no_grad():
        whole = model(inputs).softmax(dim=1)[0]
        activation = model[:8](inputs)
        activation[:, [0, 5]] = 0
        probabilities = model[8:](activation).softmax(dim=1)[0]
    after = widget._channels_after
    assert after["off"] == [0, 5]
    explained = after["changes"][0]
    assert explained["before"]["name"] == "blue"
    assert explained["before"]["probability"] == pytest.approx(float(whole[2]), abs=1e-6)
    assert explained["after"]["probability"] == pytest.approx(float(probabilities[2]), abs=1e-6)
    assert {change["after"]["index"] for change in after["changes"]} == {0, 1, 2, 3}
    before = xw.explain(model, inputs, "grad_cam", 2, LAYER).ranges()[0]
    assert after["before"]["range"] == pytest.approx(list(before))
    widget.channels_off = []
    assert widget._channels_after is None


def test_a_page_s_last_wish_wins_and_the_model_is_left_alone(widget, model):
    by_page(widget, layer=LAYER, channels_open=True)
    hooks = [len(module._forward_hooks) for module in model.modules()]
    for number in range(12):
        by_page(widget, channels_off=list(range(number + 1)))
    widget.wait(60)
    assert widget._channels_after["off"] == list(range(12))
    assert hooks == [len(module._forward_hooks) for module in model.modules()]
    by_page(widget, channels_off=[])
    assert widget._channels_after is None


def test_another_layer_begins_with_all_channels_on_another_class_keeps_them_off(widget):
    widget.layer, widget.channels_open, widget.channels_off = LAYER, True, [3]
    widget.target = 1
    assert (widget.channels_off, widget._channels_after["off"]) == ([3], [3])
    assert widget._channels_after["changes"][0]["after"]["index"] == 1
    widget.image_index = 2
    assert widget._channels_after["image_index"] == 2
    widget.layer = "4"
    assert (widget.channels_off, widget._channels_after) == ([], None)


def test_a_channel_that_there_is_not_is_refused(widget):
    widget.layer, widget.channels_open = LAYER, True
    with pytest.raises(TraitError, match="has no channel 16; there are 16, 0 to 15"):
        widget.channels_off = [2, 16]
    assert widget.channels_off == []
    by_page(widget, channels_off=[99])
    assert "no channel 99" in widget.error
    assert widget.channels_off == []


def test_what_goes_wrong_while_it_follows_stands_in_error(widget, model):
    by_page(widget, layer=LAYER, channels_open=True)

    def break_it(_module: Any, _args: Any, output: Any) -> Any:
        return output * float("nan")

    handle = model[-1].register_forward_hook(break_it)
    by_page(widget, channels_off=[1])
    widget.wait(60)
    handle.remove()
    assert "without these channels has NaN" in widget.error
    assert widget._channels_after is None


def test_a_model_without_a_layer_says_so(pictures):
    flat = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(4))
    flat(to_input(pictures["ant"])[None])
    widget = xw.ExplainerWidget(flat, pictures, NAMES, transform=to_input)
    by_page(widget, channels_open=True)
    assert "no layer with a grid" in widget.error
    with pytest.raises(ValueError, match="no layer with a grid"):
        widget.channels()
    widget.close()


def test_the_pictures_that_excite_a_channel_are_those_with_the_greatest_values(widget, model):
    by_page(widget, layer=LAYER, channels_open=True)
    with torch.no_grad():
        tops = [
            model[:8](widget.exploration.prepared(index).input[None])[0].amax(dim=(1, 2))
            for index in range(3)
        ]
    alive = int(torch.stack(tops).amin(dim=0).argmax())
    by_page(widget, _channel_wanted=[alive, 1])
    widget.wait(60)
    found = widget._channel_pictures
    assert (found["channel"], found["progress"], found["seen"]) == (alive, None, 3)
    order = sorted(range(3), key=lambda index: -float(tops[index][alive]))
    assert [tile["image_index"] for tile in found["tiles"]] == order
    for tile in found["tiles"]:
        assert tile["value"] == pytest.approx(float(tops[tile["image_index"]][alive]), rel=1e-4)
        top, left, height, width = tile["box"]
        assert 0 <= top < top + height <= 40
        assert 0 <= left < left + width <= 56
    assert widget.error == ""
    assert on_page(widget)["_channel_pictures"]["tiles"]


def test_a_channel_that_there_is_not_has_no_pictures(widget):
    by_page(widget, layer=LAYER, channels_open=True)
    by_page(widget, _channel_wanted=[16, 1])
    assert "'7' has no channel 16" in widget.error
