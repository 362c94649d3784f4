"""How the output of a layer lies over the picture: channels first, channels last, or as tokens."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Literal

from torch import Tensor, nn


@dataclass(frozen=True)
class Layout:
    """Where the grid ``(h, w)`` is in a layer's output.

    Attributes
    ----------
    kind
        ``channels_first`` for ``(B, C, h, w)``, ``channels_last`` for ``(B, h, w, C)``, ``tokens``
        for ``(B, prefix + h * w, C)``.
    channels, height, width
        The size of the maps.
    prefix
        How many tokens (class token, registers) stand before those of the picture.
    """

    kind: Literal["channels_first", "channels_last", "tokens"]
    channels: int
    height: int
    width: int
    prefix: int = 0

    @property
    def grid(self) -> tuple[int, int]:
        """``(h, w)``."""
        return self.height, self.width

    def maps(self, output: Tensor) -> Tensor:
        """Bring an output, or its gradient, into the shape ``(B, C, h, w)``."""
        if self.kind == "channels_first":
            return output
        if self.kind == "channels_last":
            return output.permute(0, 3, 1, 2)
        tokens = output[:, self.prefix :].transpose(1, 2)
        return tokens.reshape(len(output), self.channels, self.height, self.width)


def layout_of(output: Tensor, inputs: Tensor, module: nn.Module | None = None) -> Layout | None:
    """Tell from the shapes how an output lies over its input; None if it has no grid.

    Parameters
    ----------
    output
        What the layer returned for the whole batch.
    inputs
        The model's input ``(B, C, H, W)``.
    module
        The layer, if known: what torch's own 2-d modules return is channels first.
    """
    samples, (height, width) = len(inputs), inputs.shape[-2:]
    if not output.is_floating_point() or output.ndim not in (3, 4) or len(output) != samples:
        return None
    if output.ndim == 3:
        return _token_layout(output, height, width)
    first, second, third = output.shape[1:]
    channels_first = Layout("channels_first", first, second, third)
    if isinstance(module, _CHANNELS_FIRST):
        return channels_first
    candidates = [channels_first, Layout("channels_last", third, first, second)]
    best = min(candidates, key=lambda layout: _distortion(layout, height, width))
    return best if _distortion(best, height, width) <= _MOST_DISTORTION else None


_CHANNELS_FIRST = (
    nn.modules.conv._ConvNd,
    nn.modules.batchnorm._BatchNorm,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.GroupNorm,
)

# A class token, a distillation token and registers may stand before the grid.
_MOST_PREFIX_TOKENS = 8


# Unpadded convolutions take the same from both sides, which bends the shape of a wide picture.
_MOST_DISTORTION = 0.15


def _distortion(layout: Layout, height: int, width: int) -> float:
    """How far a grid's shape is from the picture's; 0 where rounding to cells explains it."""
    h, w = layout.grid
    if h > height or w > width:
        return float("inf")
    difference = abs(h * width - w * height)
    return 0.0 if difference <= max(height, width) else difference / max(h * width, w * height)


def _token_layout(output: Tensor, height: int, width: int) -> Layout | None:
    tokens, channels = output.shape[1:]
    for prefix in range(min(_MOST_PREFIX_TOKENS, tokens - 1) + 1):
        cells = tokens - prefix
        h = isqrt(cells * height // width)
        for rows in (h, h + 1):
            if rows and cells % rows == 0 and _is_patch_grid(rows, cells // rows, height, width):
                return Layout("tokens", channels, rows, cells // rows, prefix)
    return None


def _is_patch_grid(h: int, w: int, height: int, width: int) -> bool:
    return height % h == 0 and width % w == 0 and h * width == w * height
