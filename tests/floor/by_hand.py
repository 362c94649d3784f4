"""Each method worked out from torch's own functions: slowly, plainly, and without a line of the package."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Rule = Literal["plain", "guided", "deconvnet"]

PATCH, STRIDE = 16, 12


class _RuledRelu(torch.autograd.Function):
    """A ReLU, cut off at a ceiling, whose gradient is written out for each backward rule."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rule: Rule, ceiling: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rule, ctx.ceiling = rule, ceiling
        return x.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (x,), gradient = ctx.saved_tensors, gradients[0]
        inside, positive = (x > 0) & (x < ctx.ceiling), gradient > 0
        passes = {"plain": inside, "guided": inside & positive, "deconvnet": positive}[ctx.rule]
        return gradient * passes, None, None


class RuledRelu(nn.Module):
    """A ReLU that obeys a backward rule."""

    def __init__(self, rule: Rule, ceiling: float = float("inf")) -> None:
        super().__init__()
        self.rule, self.ceiling = rule, ceiling

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = _RuledRelu.apply(x, self.rule, self.ceiling)
        return result


def obeying(model: nn.Module, rule: Rule) -> nn.Module:
    """A copy of a model whose ReLUs, all of them modules, obey a rule."""
    model = copy.deepcopy(model)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, RuledRelu(rule))
    return model


def gradient(
    model: nn.Module, inputs: Tensor, targets: Sequence[int], layer: str | None = None
) -> tuple[Tensor, Tensor]:
    """A layer's output and its gradient; those of the input without a layer."""
    leaf = inputs.clone().requires_grad_()
    place = leaf
    if layer is not None:

        def keep(_: nn.Module, __: Any, output: Tensor) -> Tensor:
            nonlocal place
            place = output
            # The model may write into what it goes on with.
            return output.clone()

        handle = model.get_submodule(layer).register_forward_hook(keep)
    scores = model(leaf)[range(len(targets)), targets]
    if layer is not None:
        handle.remove()
    return place.detach(), torch.autograd.grad(scores.sum(), place)[0]


def grad_cam(model: nn.Module, inputs: Tensor, targets: Sequence[int], layer: str) -> Tensor:
    activation, weights = gradient(obeying(model, "plain"), inputs, targets, layer)
    return (weights.mean((2, 3), keepdim=True) * activation).sum(1).relu()


def saliency(model: nn.Module, inputs: Tensor, targets: Sequence[int], _: str) -> Tensor:
    return gradient(obeying(model, "plain"), inputs, targets)[1]


def guided_backprop(model: nn.Module, inputs: Tensor, targets: Sequence[int], _: str) -> Tensor:
    return gradient(obeying(model, "guided"), inputs, targets)[1]


def deconvnet(model: nn.Module, inputs: Tensor, targets: Sequence[int], _: str) -> Tensor:
    return gradient(obeying(model, "deconvnet"), inputs, targets)[1]


def guided_grad_cam(model: nn.Module, inputs: Tensor, targets: Sequence[int], layer: str) -> Tensor:
    cam = upsampled(grad_cam(model, inputs, targets, layer), inputs.shape[-2:])
    return guided_backprop(model, inputs, targets, layer) * cam[:, None]


def occlusion(model: nn.Module, inputs: Tensor, targets: Sequence[int], _: str) -> Tensor:
    """Zeros over windows of PATCH pixels, STRIDE apart, the last ones cut off by the edge."""
    height, width = inputs.shape[-2:]
    samples = range(len(targets))
    drops, windows = torch.zeros(len(targets), height, width), torch.zeros(height, width)
    with torch.no_grad():
        untouched = model(inputs)[samples, targets]
        for top in range(0, height - PATCH + STRIDE, STRIDE):
            for left in range(0, width - PATCH + STRIDE, STRIDE):
                rows, columns = slice(top, top + PATCH), slice(left, left + PATCH)
                covered = inputs.clone()
                covered[:, :, rows, columns] = 0
                drop = untouched - model(covered)[samples, targets]
                drops[:, rows, columns] += drop[:, None, None]
                windows[rows, columns] += 1
    return drops / windows


ATTRIBUTIONS: dict[str, Callable[[nn.Module, Tensor, Sequence[int], str], Tensor]] = {
    "grad_cam": grad_cam,
    "saliency": saliency,
    "guided_backprop": guided_backprop,
    "deconvnet": deconvnet,
    "guided_grad_cam": guided_grad_cam,
    "occlusion": occlusion,
}


def upsampled(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Maps ``(B, h, w)`` at another size."""
    return F.interpolate(maps[:, None], tuple(size), mode="bilinear", align_corners=False)[:, 0]


def heatmaps(values: Tensor, size: Sequence[int]) -> Tensor:
    """Attributions as heatmaps from 0 to 1."""
    maps = values if values.ndim == 3 else values.abs().amax(1)
    maps = upsampled(maps, size)
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return (maps - low) / (high - low)


def difference(found: Tensor, expected: Tensor) -> float:
    """The largest difference, relative to the largest value expected."""
    assert found.shape == expected.shape
    return float((found - expected).abs().max() / expected.abs().max())
