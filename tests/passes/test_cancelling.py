"""A forward pass that is left off on the way: the model is as it was."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.network.cancelling import Cancelled, cancelled_by
from xcnn_widgets.passes.forward_pass import ForwardPass


class AfterSome:
    """Says after some times of being asked that work is to stop."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_forward_pass_that_is_left_off_leaves_the_model_as_it_was(
    model: nn.Sequential, inputs: Tensor
) -> None:
    model.train()
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with cancelled_by(AfterSome(1)), pytest.raises(Cancelled):
        ForwardPass(model, inputs, ["0", "2"])
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


def test_work_that_nobody_watches_is_never_left_off(model: nn.Sequential, inputs: Tensor) -> None:
    with cancelled_by(lambda: True), pytest.raises(Cancelled):
        ForwardPass(model, inputs, ["0"])
    assert ForwardPass(model, inputs, ["0"]).gradient(1).shape == inputs.shape
