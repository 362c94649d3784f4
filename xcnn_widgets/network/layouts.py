"""How the output of a layer may lie over the input: channels first, channels last, or as tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

from torch import Tensor, nn

from .graph import makes_maps

Grid = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Where the grid is in a layer's output.

    Attributes
    ----------
    kind
        ``channels_first`` for ``(B, C, *grid)``, ``channels_last`` for ``(B, *grid, C)``, ``tokens``
        for ``(B, prefix + cells, C)``.
    channels
        The number of maps.
    grid
        Their size: ``(h, w)`` for pictures, ``(l,)`` for signals, ``(d, h, w)`` for volumes.
    prefix
        How many tokens (class token, registers) stand before those of the input.
    """

    kind: Literal["channels_first", "channels_last", "tokens"]
    channels: int
    grid: Grid
    prefix: int = 0

    def maps(self, output: Tensor) -> Tensor:
        """Bring an output, or its gradient, into the shape ``(B, C, *grid)``."""
        if self.kind == "channels_first":
            return output
        if self.kind == "channels_last":
            return output.movedim(-1, 1)
        tokens = output[:, self.prefix :].transpose(1, 2)
        return tokens.reshape(len(output), self.channels, *self.grid)


@dataclass(frozen=True, eq=False)
class Reshaped:
    """A layout that a person tells by a callable.

    Attributes
    ----------
    reshape
        From what the layer returned to maps.
    channels, grid
        The size of the maps.
    """

    reshape: Callable[[Tensor], Tensor]
    channels: int
    grid: Grid
    prefix: int = 0

    @classmethod
    def of(cls, reshape: Callable[[Tensor], Tensor], output: Tensor, inputs: Tensor) -> Reshaped:
        """The layout of an output.

        Raises
        ------
        ValueError
            If the callable does not make maps ``(B, C, *grid)`` of it.
        """
        found = reshape(output)
        if not isinstance(found, Tensor) or found.ndim != inputs.ndim or len(found) != len(inputs):
            shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise ValueError(
                f"reshape made {shape} of {tuple(output.shape)}; expected maps (B, C, h, w), one "
                f"for each of {len(inputs)} samples"
            )
        return cls(reshape, found.shape[1], tuple(found.shape[2:]))

    def maps(self, output: Tensor) -> Tensor:
        """Bring an output, or its gradient, into the shape ``(B, C, *grid)``."""
        return self.reshape(output)


def possible_layouts(
    output: Tensor, inputs: Tensor, module: nn.Module | None = None
) -> list[Layout]:
    """Every way in which an output may lie over its input by its shape, the likeliest first.

    Parameters
    ----------
    output
        What the layer returned for the whole batch.
    inputs
        The model's input ``(B, C, *grid)``.
    module
        The layer, if known: what torch's own spatial modules return is channels first, as is what
        their operations computed last.
    """
    size: Grid = tuple(inputs.shape[2:])
    if not output.is_floating_point() or len(output) != len(inputs):
        return []
    found: list[Layout] = []
    is_first = isinstance(module, _CHANNELS_FIRST) or makes_maps(output.grad_fn)
    if output.ndim == inputs.ndim:
        shape: Grid = tuple(output.shape)
        found.append(Layout("channels_first", shape[1], shape[2:]))
        last: Grid = shape[1:-1]
        if not is_first and _distortion(last, size) < _MOST_DISTORTION:
            found.append(Layout("channels_last", shape[-1], last))
        found = [layout for layout in found if _fits(layout.grid, size)]
        found.sort(key=lambda layout: _distortion(layout.grid, size))
    if output.ndim == 3 and not is_first:
        found += _tokens(output, size)
    return found


_CHANNELS_FIRST = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, nn.GroupNorm),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
    *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
)

# Channels are taken for rows where a layer has more of them than this over its columns.
_MOST_DISTORTION = 8

# A class token, a distillation token and registers may stand before the grid.
_MOST_PREFIX_TOKENS = 8


def _fits(grid: Grid, size: Grid) -> bool:
    return all(cells <= side for cells, side in zip(grid, size, strict=True))


def _distortion(grid: Grid, size: Grid) -> float:
    """How far a grid's shape is from the input's; 0 where it is the same."""
    strides = [side / cells for cells, side in zip(grid, size, strict=True)]
    return max(strides) / min(strides) - 1


def _tokens(output: Tensor, size: Grid) -> list[Layout]:
    tokens, channels = output.shape[1:]
    found = []
    for prefix in range(min(_MOST_PREFIX_TOKENS, tokens - 1) + 1):
        grids = [grid for grid in _patch_grids(size) if prod(grid) == tokens - prefix]
        found += [Layout("tokens", channels, grid, prefix) for grid in grids]
    return found


def _patch_grids(size: Grid) -> Iterator[Grid]:
    """The grids of equal square patches that fill an input; of a volume, of equal blocks."""
    *depth, height = size[:-1] or (size[-1],)
    if len(size) == 1:
        yield from ((size[0] // patch,) for patch in _divisors(size[0]))
        return
    for patch in _divisors(height):
        if size[-1] % patch == 0:
            plane = (height // patch, size[-1] // patch)
            if depth:
                yield from ((depth[0] // block, *plane) for block in _divisors(depth[0]))
            else:
                yield plane


def _divisors(number: int) -> Iterator[int]:
    return (patch for patch in range(1, number + 1) if number % patch == 0)
