"""The faster way of a batch gives the same answers, whatever a model does with its convolutions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
import torchvision
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.passes.fast import folding

from ..models.norm_block import (
    Block,
    added,
    batch_statistics,
    lively,
    norm_left_out_later,
    other_norm_later,
    recomputed,
    sometimes,
    twice,
    two_norms,
    written_into,
)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(3)


def _asked(model: nn.Module, inputs: Tensor, layer: str, *, exact: bool) -> list[Tensor]:
    forward = xw.ForwardPass(model, inputs, [layer], exact=exact)
    found = [forward.logits, forward.activation(layer), forward.gradient(1, layer=layer)]
    return [*found, *(forward.gradient(1, rule=rule) for rule in ("plain", "guided", "deconvnet"))]


def _pairs(model: nn.Module) -> dict[nn.Module, nn.Module]:
    return dict(folding._seen[model].pairs or {})


def _assert_same(found: list[Tensor], expected: list[Tensor]) -> None:
    for ours, exact in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, exact, rtol=1e-5, atol=1e-5)


def test_a_batch_norm_is_folded_from_the_second_run_on_and_no_run_is_added() -> None:
    model, inputs = Block().eval(), torch.randn(4, 3, 8, 9)
    expected = _asked(model, inputs, "norm", exact=True)
    model.runs = 0
    for _ in range(3):
        _assert_same(_asked(model, inputs, "norm", exact=False), expected)
    assert model.runs == 3
    assert _pairs(model) == {model.conv: model.norm, model.second: model.second_norm}
    forward = xw.ForwardPass(model, inputs, [], exact=False)
    names = _node_names(forward)
    assert "NativeBatchNormBackward" not in names and names.count("ReluBackward") == 2


def _node_names(forward: xw.ForwardPass) -> list[str]:
    roots: list[torch.autograd.graph.Node | None] = []

    def look(output: Tensor) -> Tensor:
        roots.append(output.grad_fn)
        return output[:, 0]

    forward.scores(look)
    names, waiting = [], roots
    while waiting:
        node = waiting.pop()
        if node is not None:
            names.append(node.name().rstrip("0123456789"))
            waiting.extend(below for below, _ in node.next_functions)
    return names


@pytest.mark.parametrize(
    "between",
    [added, two_norms, written_into, twice, batch_statistics, recomputed],
    ids=lambda between: between.__name__.strip("_"),
)
def test_what_somebody_else_reads_is_not_folded(
    between: Callable[[Block, Tensor], Tensor],
) -> None:
    model, inputs = Block(between).eval(), torch.randn(2, 3, 8, 9)
    expected = _asked(model, inputs, "second", exact=True)
    for _ in range(2):
        _assert_same(_asked(model, inputs, "second", exact=False), expected)
    assert model.conv not in _pairs(model)


@pytest.mark.parametrize(
    "between",
    [sometimes, other_norm_later, norm_left_out_later],
    ids=lambda between: between.__name__.strip("_"),
)
def test_a_model_that_changes_its_way_is_run_again_as_it_stands(
    between: Callable[[Block, Tensor], Tensor],
) -> None:
    model, inputs = Block(between).eval(), torch.randn(2, 3, 8, 9)
    _asked(model, inputs, "second", exact=False)
    _asked(model, inputs, "second", exact=False)
    assert model.conv in _pairs(model)
    found = _asked(model, inputs, "second", exact=False)
    _assert_same(found, _asked(model, inputs, "second", exact=True))
    assert model.conv not in _pairs(model)


def test_a_convolution_that_is_looked_at_itself_shows_what_it_returned() -> None:
    model, inputs = Block().eval(), torch.randn(2, 3, 8, 9)
    for _ in range(2):
        xw.ForwardPass(model, inputs, ["norm"], exact=False)
    expected = _asked(model, inputs, "conv", exact=True)
    for _ in range(2):
        _assert_same(_asked(model, inputs, "conv", exact=False), expected)


def test_what_a_model_returns_beside_its_logits_is_not_folded() -> None:
    class Telling(Block):
        def forward(self, inputs: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
            found = self.conv(inputs)
            return {"logits": self.norm(found).mean((2, 3)), "found": found}

    def told(output: dict[str, Tensor]) -> Tensor:
        return output["found"].sum((1, 2, 3))

    model, inputs = Telling().eval(), torch.randn(2, 3, 8, 9)
    expected = xw.ForwardPass(model, inputs, []).scores(told)
    for _ in range(2):
        found = xw.ForwardPass(model, inputs, [], exact=False).scores(told)
        torch.testing.assert_close(found, expected)


def test_a_hook_on_a_convolution_sees_and_changes_what_it_returned() -> None:
    model, inputs = Block().eval(), torch.randn(2, 3, 8, 9)
    for _ in range(2):
        xw.ForwardPass(model, inputs, ["second"], exact=False)
    model.conv.register_forward_hook(lambda _, __, output: output.clamp(max=0.1))
    expected = _asked(model, inputs, "second", exact=True)
    _assert_same(_asked(model, inputs, "second", exact=False), expected)


def test_weights_and_statistics_that_change_are_followed() -> None:
    model, inputs = Block().eval(), torch.randn(2, 3, 8, 9)
    for _ in range(2):
        _asked(model, inputs, "norm", exact=False)
    # Without a trace in the tensors' versions.
    model.conv.weight.data.mul_(1.5)
    assert model.norm.running_mean is not None
    model.norm.running_mean.data.add_(0.2)
    expected = _asked(model, inputs, "norm", exact=True)
    _assert_same(_asked(model, inputs, "norm", exact=False), expected)


def test_the_model_comes_back_as_it_was() -> None:
    model, inputs = Block().train(), torch.randn(2, 3, 8, 9)
    before = {name: (id(t), t.clone()) for name, t in _tensors_of(model)}
    for _ in range(3):
        _asked(model, inputs, "norm", exact=False)
    assert all(module.training for module in model.modules())
    assert before.keys() == {name for name, _ in _tensors_of(model)}
    for name, tensor in _tensors_of(model):
        assert before[name][0] == id(tensor) and torch.equal(before[name][1], tensor)
        assert tensor.is_contiguous()


def _tensors_of(model: nn.Module) -> list[tuple[str, Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


def test_an_error_in_the_model_is_the_models_own_and_the_next_batch_is_right() -> None:
    def failing(block: Block, found: Tensor) -> Tensor:
        if block.runs == 2:
            raise ZeroDivisionError
        return block.norm(found)

    model, inputs = Block(failing).eval(), torch.randn(2, 3, 8, 9)
    ask = partial(_asked, model, inputs, "second")
    first = ask(exact=False)
    with pytest.raises(ZeroDivisionError):
        ask(exact=False)
    _assert_same(ask(exact=False), first)


def test_half_floats_are_left_as_they_are() -> None:
    model, inputs = Block().eval().bfloat16(), torch.randn(2, 3, 8, 9)
    for _ in range(2):
        xw.ForwardPass(model, inputs, ["norm"], exact=False)
    assert _pairs(model) == {}


@pytest.mark.parametrize(
    ("name", "most_are_folded"),
    [("resnet18", True), ("mobilenet_v2", True), ("densenet121", False), ("googlenet", True)],
)
def test_other_networks_agree_to_the_last_digits(name: str, *, most_are_folded: bool) -> None:
    # In double precision: with random weights many a ReLU's input is as good as zero.
    model = torchvision.models.get_model(name, weights=None).eval().double()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        lively(norm)
    inputs = torch.randn(2, 3, 96, 64, dtype=torch.float64)
    layer = xw.target_layers(model, inputs)[-2]
    xw.ForwardPass(model, inputs, [], exact=False)
    expected = _asked(model, inputs, layer, exact=True)
    for ours, exact in zip(_asked(model, inputs, layer, exact=False), expected, strict=True):
        torch.testing.assert_close(ours, exact, rtol=1e-7, atol=1e-12)
    folded = len(_pairs(model)) / len(norms)
    assert folded > 0.85 if most_are_folded else 0.3 < folded < 0.6


def test_heatmaps_of_the_demo_network_are_within_two_grey_levels() -> None:
    network = xw.demo.load()
    inputs = torch.stack(
        [network.transform(photo) for photo in list(xw.demo.photos().values())[:3]]
    )
    ask = partial(xw.explain, network.model, inputs, target=1)
    ask(exact=False)
    for method in ("grad_cam", "guided_grad_cam", "guided_backprop", "saliency", "deconvnet"):
        fast, exact = ask(method, exact=False), ask(method)
        apart = abs(fast.heatmaps() - exact.heatmaps()) * 255
        assert (apart <= 2).mean() >= 0.995, method
        torch.testing.assert_close(fast.logits, exact.logits, rtol=1e-4, atol=1e-4)
