"""The faster way of a batch gives the same answers, whatever a model does with its convolutions."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.utils.checkpoint import checkpoint

import xcnn_widgets as xw
from xcnn_widgets.attribution import folded_weights, folding
from xcnn_widgets.attribution.folded_weights import FoldedWeights


class Block(nn.Module):
    """A convolution and its BatchNorm, and what a test lets happen between and after them."""

    def __init__(self, between: Callable[[Block, Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = _lively(nn.BatchNorm2d(6))
        self.other_norm = _lively(nn.BatchNorm2d(6))
        self.second = nn.Conv2d(6, 5, 3, bias=False)
        self.second_norm = _lively(nn.BatchNorm2d(5, affine=False))
        self.head = nn.Linear(5, 4)
        self.between = between
        self.kept = torch.zeros(())
        self.runs = 0

    def forward(self, inputs: Tensor) -> Tensor:
        self.runs += 1
        found = self.conv(inputs)
        normed = self.norm(found) if self.between is None else self.between(self, found)
        maps = F.relu(normed, inplace=True)
        return self.head(self.second_norm(self.second(maps)).relu_().mean((2, 3)))


def _lively(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """Statistics and weights as after training: to leave them out would show."""
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.normal_(0, 0.3)
    norm.running_var.uniform_(0.5, 2)
    if norm.affine:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, 0, 0.3)
    return norm


def _added(block: Block, found: Tensor) -> Tensor:
    normed: Tensor = block.norm(found)
    return normed + found


def _two_norms(block: Block, found: Tensor) -> Tensor:
    first, second = block.norm(found), block.other_norm(found)
    return first + second


def _written_into(block: Block, found: Tensor) -> Tensor:
    return block.norm(found.mul_(2))


def _twice(block: Block, found: Tensor) -> Tensor:
    again = F.conv2d(found[:, :3], block.conv.weight, block.conv.bias, 1, 1)
    return block.norm(found) + block.other_norm(again)


def _batch_statistics(block: Block, found: Tensor) -> Tensor:
    return F.batch_norm(found, None, None, block.norm.weight, block.norm.bias, training=True)


def _sometimes(block: Block, found: Tensor) -> Tensor:
    normed: Tensor = block.norm(found)
    return normed if block.runs < 3 else normed + found


def _other_norm_later(block: Block, found: Tensor) -> Tensor:
    norm = block.norm if block.runs < 3 else block.other_norm
    return norm(found)


def _norm_left_out_later(block: Block, found: Tensor) -> Tensor:
    return block.norm(found) if block.runs < 3 else found


def _recomputed(block: Block, found: Tensor) -> Tensor:
    return checkpoint(
        lambda maps: block.other_norm(block.conv(maps[:, :3])), found, use_reentrant=False
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
    [_added, _two_norms, _written_into, _twice, _batch_statistics, _recomputed],
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
    [_sometimes, _other_norm_later, _norm_left_out_later],
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
        _lively(norm)
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


def _occluded(model: nn.Module, inputs: Tensor, **options: Any) -> Tensor:
    ask = partial(xw.explain, model, inputs, "occlusion", 1, patch=4, stride=2, batch_size=4)
    return ask(**options).values


def _occluded_by_hand(model: nn.Module, inputs: Tensor) -> Tensor:
    """For one input ``(1, C, 8, 8)``."""
    drops, covered_by = torch.zeros(1, 8, 8), torch.zeros(1, 8, 8)
    with torch.no_grad():
        for top in (0, 2, 4):
            for left in (0, 2, 4):
                window = slice(None), slice(top, top + 4), slice(left, left + 4)
                covered = inputs.clone()
                covered[:, *window] = 0
                drops[window] += model(inputs)[0, 1] - model(covered)[0, 1]
                covered_by[window] += 1
    return drops / covered_by


def test_occlusion_is_folded_unless_it_has_to_be_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    folds: list[int] = []

    def counted(weight: nn.Parameter, *rest: Any) -> tuple[nn.Parameter, nn.Parameter]:
        folds.append(id(weight))
        return fuse_conv_bn_weights(weight, *rest)

    monkeypatch.setattr(folded_weights, "fuse_conv_bn_weights", counted)
    model, inputs = Block().eval(), torch.randn(1, 3, 8, 8)
    expected = _occluded_by_hand(model, inputs)
    model.runs = 0
    for options in ({"exact": True}, {}, {}, {"exact": True}):
        torch.testing.assert_close(
            _occluded(model, inputs, **options), expected, rtol=1e-5, atol=1e-5
        )
    # Once untouched, and nine windows in three batches; one run is watched. Both weights once a call.
    assert model.runs == 4 * (1 + 3) + 1
    assert folds == 2 * [id(model.conv.weight), id(model.second.weight)]


def test_occlusion_follows_a_model_that_changes_between_two_answers() -> None:
    model, inputs = Block().eval(), torch.randn(1, 3, 8, 8)
    for _ in range(2):
        _occluded(model, inputs)
    model.conv.weight.data.mul_(1.5)
    torch.testing.assert_close(
        _occluded(model, inputs), _occluded_by_hand(model, inputs), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("runs", [0, 1, 2])
@pytest.mark.parametrize("between", [_added, _sometimes, _other_norm_later, _norm_left_out_later])
def test_occlusion_of_a_model_that_changes_its_way_is_the_models_own(
    between: Callable[[Block, Tensor], Tensor], runs: int
) -> None:
    inputs = torch.randn(1, 3, 8, 8)
    found = {}
    for exact in (True, False):
        torch.manual_seed(4)
        model = Block(between).eval()
        xw.explain(model, inputs, target=1, layer="second", exact=exact)
        # All runs from here on, or all but two, go another way than the first.
        model.runs = runs
        found[exact] = _occluded(model, inputs, exact=exact)
    torch.testing.assert_close(found[False], found[True], rtol=1e-5, atol=1e-5)


def test_folded_weights_are_made_anew_when_somebody_writes() -> None:
    convolution, norm = nn.Conv2d(3, 6, 3), _lively(nn.BatchNorm2d(6)).eval()
    weights, inputs = FoldedWeights(), torch.randn(2, 3, 5, 5)

    def folded() -> tuple[Tensor, Tensor | None]:
        return weights.of(convolution, convolution.weight, convolution.bias, norm)

    assert norm.running_mean is not None
    first = folded()
    assert folded()[0] is first[0] and folded()[1] is first[1]
    for written in (convolution.weight, convolution.bias, norm.weight, norm.running_mean):
        with torch.no_grad():
            assert written is not None
            written.add_(0.1)
            torch.testing.assert_close(
                F.conv2d(inputs, *folded()), norm(convolution(inputs)), rtol=1e-5, atol=1e-5
            )
    convolution.weight = nn.Parameter(torch.zeros_like(convolution.weight))
    assert not folded()[0].any()


def test_folded_weights_hold_on_to_nothing_that_a_model_has_let_go_of() -> None:
    convolution, weights = nn.Conv2d(3, 6, 3), FoldedWeights()
    replaced = weakref.ref(convolution.weight)
    weights.of(convolution, convolution.weight, convolution.bias, None)
    convolution.weight = nn.Parameter(torch.rand(6, 3, 3, 3))
    weights.of(convolution, convolution.weight, convolution.bias, None)
    assert replaced() is None


def test_occlusion_takes_weights_that_were_made_under_inference_mode() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            with torch.inference_mode():
                self.kernel = torch.rand(4, 3, 3, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return F.conv2d(inputs, self.kernel).relu().mean((2, 3))

    model, inputs = Fixed().eval(), torch.randn(1, 3, 8, 8)
    expected = _occluded_by_hand(model, inputs)
    for _ in range(2):
        torch.testing.assert_close(_occluded(model, inputs), expected, rtol=1e-5, atol=1e-5)
