"""1 x 1 convolutions of one picture, as the matrix products that they are.

Of one picture, a 1 x 1 convolution multiplies its weights ``(K, C)`` with a matrix of pixels ``(C, h w)``.
oneDNN's general way takes 1 to 3 times as long (measured on two cores, for the shapes of MobileNet,
EfficientNet, ResNet-50 and DenseNet). The numbers may differ in the last digits, so only who asks for it gets
them, and only where no gradient is asked: one that meets a ReLU near zero, or the largest of a window, would
differ in more than these. What goes back by products is known to `steps`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .model_parts import frozen_weights


def is_pointwise(convolution: nn.Conv2d) -> bool:
    """Whether a convolution is a product of matrices."""
    return (
        convolution.kernel_size == (1, 1)
        and convolution.stride == (1, 1)
        and convolution.padding == (0, 0)
        and convolution.groups == 1
    )


def by_product(convolution: nn.Conv2d, given: Tensor) -> Tensor | None:
    """A 1 x 1 convolution of one picture, that no gradient goes back through."""
    is_one = given.ndim == 4 and given.shape[0] == 1 and not given.requires_grad
    found = frozen_weights(convolution, given.dtype) if is_one else None
    if found is None:
        return None
    weight, bias = found
    (_, channels, height, width), count = given.shape, weight.shape[0]
    # No view of anything, so that the model may write into it.
    result = given.new_empty(1, count, height, width)
    torch.mm(weight.view(count, channels), given.view(channels, -1), out=result.view(count, -1))
    return result if bias is None else result.add_(bias[:, None, None])
