"""One forward pass, many answers: counted in forward calls and in backward operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from xcnn_widgets.methods import occlusion
from xcnn_widgets.methods.explanation import explain, explain_pass
from xcnn_widgets.network.layers import target_layers
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.zoo import classifier


class Operations(TorchDispatchMode):
    """Counts the operations that are carried out, forward and backward."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        self.counts[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))

    @property
    def convolutions(self) -> tuple[int, int]:
        """Forward and backward."""
        return self.counts["convolution"], self.counts["convolution_backward"]

    @property
    def linears(self) -> tuple[int, int]:
        """Of the head: one product forward; backward, a class's row of the weights is looked up."""
        assert not self.counts["mm"]
        return self.counts["addmm"], self.counts["select"]


@contextmanager
def counted(model: nn.Module) -> Iterator[Counter[str]]:
    """Counts how often each module runs."""
    calls: Counter[str] = Counter()
    handles = [
        module.register_forward_hook(lambda *_, name=name: calls.update([name]))
        for name, module in model.named_modules()
    ]
    yield calls
    for handle in handles:
        handle.remove()


# ResNet-18: 20 convolutions, of which 15 after layer1 and 5 in layer4.
LAYERS = ["layer1", "layer2", "layer3", "layer4"]


@pytest.fixture
def resnet() -> nn.Module:
    return classifier("resnet18")


@pytest.fixture
def picture() -> Tensor:
    return torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))


def test_a_session_runs_the_model_once(resnet: nn.Module, picture: Tensor) -> None:
    target_layers(resnet, picture)
    with counted(resnet) as calls:
        forward = ForwardPass(resnet, picture)
        for target in (1, 2, 3):
            for layer in LAYERS:
                explain_pass(forward, "grad_cam", target, layer)
                explain_pass(forward, "guided_grad_cam", target, layer)
            explain_pass(forward, "saliency", target)
            explain_pass(forward, "deconvnet", target)
    assert calls[""] == calls["layer4"] == calls["fc"] == 1


def test_the_layers_offered_are_found_by_one_run_that_is_remembered(
    resnet: nn.Module, picture: Tensor
) -> None:
    with counted(resnet) as calls:
        for _ in range(3):
            target_layers(resnet, picture)
            target_layers(resnet, picture, "all")
    assert calls[""] == 1


def test_several_layers_cost_one_backward_pass(resnet: nn.Module, picture: Tensor) -> None:
    forward = ForwardPass(resnet, picture, LAYERS)
    with Operations() as operations:
        forward.gradients(1, [*LAYERS, None])
    # Back through the first of the 20, a forward convolution is what it takes.
    assert operations.convolutions == (1, 19)
    assert operations.linears == (0, 1)


def test_a_class_at_the_last_layer_goes_back_through_the_head_alone(
    resnet: nn.Module, picture: Tensor
) -> None:
    forward = ForwardPass(resnet, picture, LAYERS)
    with Operations() as operations:
        forward.gradient(1, layer="layer4")
        forward.gradient(2, layer="layer4")
    assert operations.convolutions == (0, 0)
    assert operations.linears == (0, 2)
    with Operations() as operations:
        forward.gradient(3, layer="layer3")
    assert operations.convolutions == (0, 5)


def test_what_came_free_is_not_computed_again(resnet: nn.Module, picture: Tensor) -> None:
    expected = {layer: explain(resnet, picture, "grad_cam", 1, layer).values for layer in LAYERS}
    forward = ForwardPass(resnet, picture, LAYERS)
    first = forward.gradient(1, layer="layer2")
    with Operations() as operations:
        assert torch.equal(forward.gradient(1, layer="layer2"), first)
        forward.gradient(torch.tensor([1]), layer="layer2")
        for layer in ("layer4", "layer3", "layer2"):
            found = explain_pass(forward, "grad_cam", 1, layer).values
            torch.testing.assert_close(found, expected[layer])
    assert operations.convolutions == operations.linears == (0, 0)
    with Operations() as operations:
        forward.gradient(1, layer="layer4", rule="guided")
    assert operations.linears == (0, 1), "another rule is another question"


def test_a_layer_that_was_not_kept_costs_one_more_run(resnet: nn.Module, picture: Tensor) -> None:
    forward = ForwardPass(resnet, picture, ["layer4"])
    with counted(resnet) as calls:
        forward.activation("layer2")
        forward.gradient(0, layer="layer2")
        forward.gradient(1, layer="layer4")
    assert calls[""] == 1


def test_gradients_are_forgotten_when_they_outgrow_their_bytes(
    resnet: nn.Module, picture: Tensor
) -> None:
    one = 512 * 2 * 3 * 4
    forward = ForwardPass(resnet, picture, ["layer4"], cache_bytes=2 * one)
    empty = forward.bytes
    for target in (1, 2, 3):
        forward.gradient(target, layer="layer4")
    assert forward.bytes == empty + 2 * one
    with Operations() as operations:
        forward.gradient(3, layer="layer4")
        forward.gradient(2, layer="layer4")
    assert operations.linears == (0, 0)
    with Operations() as operations:
        forward.gradient(1, layer="layer4")
    assert operations.linears == (0, 1)


def test_explaining_a_layer_records_no_graph_before_it(resnet: nn.Module, picture: Tensor) -> None:
    recorded: dict[str, bool] = {}
    for name in ("conv1", "layer1", "layer2", "layer3", "layer4.0.conv1", "fc"):
        resnet.get_submodule(name).register_forward_hook(
            lambda _, __, output, name=name: recorded.update({name: output.requires_grad})
        )
    explain(resnet, picture, "grad_cam", 1, "layer3")
    assert [name for name, has_graph in recorded.items() if has_graph] == ["layer4.0.conv1", "fc"]
    with Operations() as operations:
        explain(resnet, picture, "grad_cam", 1, "layer3")
    assert operations.convolutions == (20, 5)


def test_a_callable_target_sees_the_graph_that_is_gone_back(
    resnet: nn.Module, picture: Tensor
) -> None:
    visited: list[str] = []

    def note(name: str, _gradients: object) -> None:
        visited.append(name)

    def watched(scores: Tensor) -> Tensor:
        waiting, seen = [scores.grad_fn], set()
        while waiting:
            node = waiting.pop()
            if node is not None and node not in seen:
                seen.add(node)
                node.register_prehook(partial(note, node.name()))
                waiting += [below for below, _ in node.next_functions]
        return scores[:, 1]

    ForwardPass(resnet, picture, LAYERS).gradient(watched, layer="layer4")
    kinds = {name.rstrip("0123456789") for name in visited}
    # The head: a product and its transposed weight, flatten, mean, and the copy that goes on.
    assert kinds <= {"AddmmBackward", "ViewBackward", "MeanBackward", "CloneBackward", "TBackward"}
    assert len(visited) <= 6


def test_occlusion_runs_a_batch_of_windows_at_once_and_tells_how_far_it_is(
    resnet: nn.Module, picture: Tensor
) -> None:
    shares: list[float] = []
    options: dict[str, Any] = {"patch": 32, "stride": 32, "progress": shares.append}
    explain(resnet, picture, "occlusion", 1, batch_size=4, **options)
    assert shares == [4 / 6, 1.0]
    # Only the first time a model is seen one run more is watched.
    with counted(resnet) as calls:
        explain(resnet, picture, "occlusion", 1, batch_size=4, **options)
    assert calls["fc"] == 1 + 2


@pytest.mark.parametrize(
    ("size", "patch", "has_room", "at_once"),
    [
        ((256, 512), 128, True, [4, 4]),
        ((256, 512), 128, False, [2, 2, 2, 2]),
        ((8, 12), 1, True, [32, 32, 32]),
    ],
)
def test_occlusion_runs_fewer_large_inputs_at_once_than_small_ones(
    size: tuple[int, int],
    patch: int,
    has_room: bool,
    at_once: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(occlusion, "room", lambda size: nullcontext(has_room))
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    batches: list[int] = []
    model.register_forward_hook(lambda _, args, __: batches.append(len(args[0])))
    explain(model, torch.rand(1, 3, *size), "occlusion", 1, patch=patch, stride=patch)
    assert batches == [1, 1, *at_once]
