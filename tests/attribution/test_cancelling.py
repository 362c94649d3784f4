"""Work that is left off on the way: nothing is lost, and the model is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from xcnn_widgets.attribution.backward_rules import BACKWARD_RULES, BackwardRule
from xcnn_widgets.attribution.cancelling import Cancelled, cancelled_by
from xcnn_widgets.attribution.forward_pass import ForwardPass

from .test_walk import LAYERS, branches, pictures


class AfterSome:
    """Says after some times of being asked that work is to stop."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        self.left -= 1
        return self.left < 0


NEVER = 10**9


def asked(work: Callable[[], Any]) -> tuple[int, Any]:
    """How often some work asks whether to stop, and what it comes to."""
    never = AfterSome(NEVER)
    with cancelled_by(never):
        result = work()
    return never.asked, result


@pytest.mark.parametrize("rule", BACKWARD_RULES)
def test_a_way_back_goes_on_where_it_was_left_off(rule: Any) -> None:
    model, inputs = branches(), pictures()
    # The first recording of a model makes copies, which are stops of their own.
    ForwardPass(model, inputs, LAYERS)
    forward = ForwardPass(model, inputs, LAYERS)
    legs, expected = asked(lambda: forward.gradient(1, None, rule))
    forward = ForwardPass(model, inputs, LAYERS)
    done = 0
    while done + 3 < legs:
        with cancelled_by(AfterSome(3)), pytest.raises(Cancelled):
            forward.gradient(1, None, rule)
        done += 3
    rest, found = asked(lambda: forward.gradient(1, None, rule))
    assert legs > 20 and rest == legs - done
    assert torch.equal(found, expected)


def test_another_question_in_between_gets_its_own_answer() -> None:
    model, inputs = branches(), pictures()
    forward = ForwardPass(model, inputs, LAYERS)
    with cancelled_by(AfterSome(9)), pytest.raises(Cancelled):
        forward.gradient(1)
    others: list[tuple[int, str | None, BackwardRule]] = [
        (2, None, "plain"),
        (1, "deep", "plain"),
        (1, None, "guided"),
    ]
    for target, place, rule in others:
        found = forward.gradient(target, place, rule)
        expected = ForwardPass(model, inputs, LAYERS).gradient(target, place, rule)
        assert torch.equal(found, expected)
    assert torch.equal(forward.gradient(1), ForwardPass(model, inputs, LAYERS).gradient(1))


def test_what_was_passed_by_before_and_after_is_known() -> None:
    model, inputs = branches(), pictures()
    forward = ForwardPass(model, inputs, LAYERS)
    with cancelled_by(AfterSome(9)), pytest.raises(Cancelled):
        forward._mean_gradient((1,), "first", release=False)
    passed = [layer for layer in LAYERS if forward._means.get((1,), layer) is not None]
    assert passed and passed != LAYERS
    forward._mean_gradient((1,), "first", release=False)
    for layer in LAYERS:
        expected = ForwardPass(model, inputs, LAYERS).gradient(1, layer).mean((2, 3))
        found = forward._means.get((1,), layer)
        assert found is not None
        torch.testing.assert_close(found, expected)


def test_the_bytes_of_what_was_left_off_count_until_it_is_taken_up() -> None:
    forward = ForwardPass(branches(), pictures(), LAYERS)
    before = forward.bytes
    with cancelled_by(AfterSome(9)), pytest.raises(Cancelled):
        forward._mean_gradient((1,), "first", release=False)
    means = sum(
        found.nbytes for layer in LAYERS if (found := forward._means.get((1,), layer)) is not None
    )
    assert forward.bytes > before + means
    forward._mean_gradient((1,), "first", release=False)
    assert forward.bytes == before + forward._means.bytes


def test_a_forward_pass_that_is_left_off_leaves_the_model_as_it_was() -> None:
    model = branches().train()
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with cancelled_by(AfterSome(2)), pytest.raises(Cancelled):
        ForwardPass(model, pictures(), LAYERS)
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


def test_work_that_nobody_watches_is_never_left_off() -> None:
    forward = ForwardPass(branches(), pictures(), LAYERS)
    with cancelled_by(lambda: True), pytest.raises(Cancelled):
        forward.gradient(1)
    assert forward.gradient(1).shape == (1, 3, 9, 12)
