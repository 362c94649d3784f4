"""1 x 1 convolutions of one picture, as the matrix products that they are.

Of one picture, a 1 x 1 convolution multiplies its weights ``(K, C)`` with a matrix of pixels ``(C, h w)``,
and the gradient of its input is the product of the transposed weights with what arrives. oneDNN's general
ways take 1.1 to 4.5 times as long (measured on two cores, for the shapes of MobileNet, EfficientNet,
ResNet-50 and DenseNet). Back, what the model computes stays the same to the bit; but a node of Python's
takes about 60 microseconds on the way, which only a processor with AVX-512 wins back. Forward, products may
differ in the last digits, so only who asks for it gets them, and only where no gradient is asked: one that
meets a ReLU near zero, or the largest of a window, would differ in more than these.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .model_parts import frozen_weights

# With AVX2 a whole way back takes 1.01 to 1.07 times as long with them (DenseNet-121, demo, ResNet-50, EfficientNet-B0).
_PAYS_BACK = torch.backends.cpu.get_cpu_capability() == "AVX512"


def back_by_product(convolution: nn.Conv2d, given: Tensor) -> Tensor | None:
    """A 1 x 1 convolution of one picture, that a gradient goes back through by a product; where that pays."""
    weights = _weights(convolution, given) if _PAYS_BACK and given.requires_grad else None
    if weights is None:
        return None
    result: Tensor = _Pointwise.apply(given, *weights)
    return result


def by_product(convolution: nn.Conv2d, given: Tensor) -> Tensor | None:
    """The same; where no gradient goes back through it, the product itself."""
    weights = None if given.requires_grad else _weights(convolution, given)
    if weights is None:
        return back_by_product(convolution, given)
    weight, bias = weights
    (_, channels, height, width), count = given.shape, weight.shape[0]
    # No view of anything, so that the model may write into it.
    result = given.new_empty(1, count, height, width)
    torch.mm(weight.view(count, channels), given.view(channels, -1), out=result.view(count, -1))
    return result if bias is None else result.add_(bias[:, None, None])


def _weights(convolution: nn.Conv2d, given: Tensor) -> tuple[Tensor, Tensor | None] | None:
    """The weights and bias of a 1 x 1 convolution that is given one picture."""
    is_pointwise = (
        convolution.kernel_size == (1, 1)
        and convolution.stride == (1, 1)
        and convolution.padding == (0, 0)
        and convolution.groups == 1
        and given.ndim == 4
        and given.shape[0] == 1
    )
    return frozen_weights(convolution, given.dtype) if is_pointwise else None


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
