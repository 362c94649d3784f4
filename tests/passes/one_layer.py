"""Networks around one layer that is computed in a way of its own, and what nobody may see of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from xcnn_widgets.passes.forward_pass import ForwardPass

# What a model may do with the layer's result.
AFTER: dict[str, Callable[[Tensor], Tensor]] = {
    "a ReLU in its place": torch.relu_,
    "a sum in its place": lambda found: found.add_(1).relu(),
    "a ReLU in the place of a part": lambda found: torch.cat(
        [found[:, :4].relu_(), found[:, 4:]], 1
    ),
}


class Network(nn.Module):
    """A layer between two convolutions."""

    def __init__(
        self,
        middle: nn.Module,
        after: Callable[[Tensor], Tensor] = torch.relu,
        *,
        channels: tuple[int, int, int] = (6, 8, 5),
    ) -> None:
        super().__init__()
        before, behind, last = channels
        self.first, self.middle, self.after = nn.Conv2d(3, before, 3), middle, after
        self.last, self.head = nn.Conv2d(behind, last, 3), nn.Linear(last, 4)

    def body(self, inputs: Tensor) -> Tensor:
        return self.after(self.middle(self.first(inputs).relu()))

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.head(self.last(self.body(inputs)).relu().mean((2, 3)))
        return logits


class Again(Network):
    """The same, whose body is computed again on the way back."""

    def body(self, inputs: Tensor) -> Tensor:
        found: Tensor = checkpoint(super().body, inputs, use_reentrant=False)
        return found


def autograds(model: nn.Module, inputs: Tensor, target: int) -> Tensor:
    given = inputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(given)[:, target].sum(), given)
    return gradient


def expect_as_in_float64(
    make: Callable[[], nn.Module], inputs: Tensor, layers: Sequence[str], rule: Any
) -> None:
    """Where no layer is computed in a way of its own."""
    forward = ForwardPass(make(), inputs, layers)
    double = ForwardPass(make().double(), inputs.double(), layers)
    expected = double.gradient(2, rule=rule).float()
    torch.testing.assert_close(forward.gradient(2, rule=rule), expected)


def expect_its_hooks_called(
    model: nn.Module, layer: str, inputs: Tensor, layers: Sequence[str]
) -> None:
    module, called = model.get_submodule(layer), list[str]()

    def after(_: nn.Module, __: Any, result: Tensor) -> Tensor:
        called.append("after")
        return 2 * result

    module.register_forward_pre_hook(lambda *_: called.append("before"))
    module.register_forward_hook(after)
    module.register_full_backward_hook(lambda *_: called.append("back"))
    found = ForwardPass(model, inputs, layers).gradient(2)
    assert called == ["before", "after", "back"]
    torch.testing.assert_close(found, autograds(model, inputs, 2))


def expect_a_write_noticed(model: nn.Module, layer: str, inputs: Tensor) -> None:
    """On the way back, in the weights of the layer."""
    forward = ForwardPass(model, inputs, ["last"])
    with torch.no_grad():
        model.get_submodule(layer).weight.mul_(2)  # type: ignore[operator]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        forward.gradient(2)


def own_state(model: nn.Module) -> dict[str, dict[str, Any]]:
    """All that each module of a model holds."""
    return {name: dict(module.__dict__) for name, module in model.named_modules()}
