"""1 x 1 convolutions of one picture, as the matrix products that they are.

Of one picture, a 1 x 1 convolution multiplies its weights ``(K, C)`` with a matrix of pixels ``(C, h w)``,
and the gradient of its input is the product of the transposed weights with what arrives. oneDNN's general
ways take 1.1 to 4.5 times as long (measured on two cores, for the shapes of MobileNet, EfficientNet,
ResNet-50 and DenseNet). Back, products are always taken: what the model computes stays the same to the bit.
Forward, they may differ in the last digits, so only who asks for it gets them, and only where no gradient is
asked: one that meets a ReLU near zero, or the largest of a window, would differ in more than these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@contextmanager
def by_products(modules: Sequence[nn.Module], *, forward: bool) -> Iterator[None]:
    """While open, what 1 x 1 convolutions among some modules compute goes back by a matrix product.

    Parameters
    ----------
    forward
        Whether those that no gradient goes back through are computed as products too.
    """
    # One of a class of its own may do something else.
    convolutions = [each for each in modules if type(each) is nn.Conv2d and _is_pointwise(each)]
    try:
        for convolution in convolutions:
            # What is called on the module, with all its hooks; its class is left alone.
            convolution.__dict__["forward"] = partial(_forward, convolution, forward)
        yield
    finally:
        for convolution in convolutions:
            del convolution.__dict__["forward"]


def _is_pointwise(convolution: nn.Conv2d) -> bool:
    return (
        convolution.kernel_size == (1, 1)
        and convolution.stride == (1, 1)
        and convolution.padding == (0, 0)
        and convolution.groups == 1
        # Nobody has put another function in its place.
        and "forward" not in convolution.__dict__
    )


def _forward(convolution: nn.Conv2d, as_product: bool, given: Tensor) -> Tensor:
    # A module looks for its weights where it finds nothing else, which takes as long as the checks.
    own = convolution._parameters
    weight, bias = own.get("weight"), own.get("bias")
    if weight is None or not _is_usual(given, weight):
        return nn.Conv2d.forward(convolution, given)
    if given.requires_grad:
        result: Tensor = _Pointwise.apply(given, weight, bias)
        return result
    return _product(given, weight, bias) if as_product else F.conv2d(given, weight, bias)


def _is_usual(given: Tensor, weight: Tensor) -> bool:
    """Whether it is one picture on the CPU, in float32; elsewhere nobody has measured it."""
    return (
        not weight.requires_grad
        and given.ndim == 4
        and given.shape[0] == 1
        and given.is_contiguous()
        and given.is_cpu
        and given.dtype is weight.dtype is torch.float32
        and not torch.is_autocast_enabled("cpu")
    )


def _product(given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    (_, channels, height, width), count = given.shape, weight.shape[0]
    # No view of anything, so that the model may write into it.
    result = given.new_empty(1, count, height, width)
    torch.mm(weight.view(count, channels), given.view(channels, -1), out=result.view(count, -1))
    return result if bias is None else result.add_(bias[:, None, None])


class _Pointwise(torch.autograd.Function):
    """A 1 x 1 convolution of one picture, without gradients of its weights."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        # As autograd's own node keeps them: it notices writes into both, and finds both recomputed.
        ctx.save_for_backward(given, weight)
        return F.conv2d(given, weight, bias)

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor, None, None]:
        given, weight = ctx.saved_tensors
        channels = len(weight)
        product = torch.mm(weight.view(channels, -1).t(), arriving[0].reshape(channels, -1))
        return product.view(given.shape), None, None
