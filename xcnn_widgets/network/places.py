"""Targets in a dense output, as of a segmentation network: one pixel of it, or a region."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from .regions import require_dense, sum_over
from .score_finding import ScoreFinding
from .subject import Subject
from .targets import require_class


def pixel(row: int, column: int, class_index: int | None = None) -> Pixel:
    """Explain what a segmentation network says at one pixel of the picture.

    Parameters
    ----------
    row, column
        The pixel, in the coordinates of the input. If the output has another size, the cell that
        lies over the middle of the pixel is meant.
    class_index
        The class whose logit there is explained. None is the class that is predicted there, for each
        sample, on the input as it is given: when parts of the input are covered, it stays.

    Returns
    -------
    Pixel
        A target, as `explain` takes it.

    Raises
    ------
    TypeError, ValueError
        When it is asked of a model: if the pixel is outside of the input, or there is no such class,
        or the output is not dense.

    Examples
    --------
    >>> model = torch.nn.Conv2d(3, 4, 3, padding=1)
    >>> target = pixel(2, 5, class_index=1)
    >>> print(target)
    pixel (2, 5), class 1
    >>> target(model(torch.rand(2, 3, 6, 8))).shape
    torch.Size([2])
    """
    asked = None if class_index is None else _whole("class_index", class_index)
    return Pixel(_whole("row", row), _whole("column", column), asked)


def region(mask: Tensor | NDArray[np.bool_], class_index: int) -> Region:
    """Explain the sum of a class's logits over a part of a segmentation network's output.

    Parameters
    ----------
    mask
        Boolean ``(H, W)``, True where the logits count. If the output has another size, the mask is
        resized to it: each cell takes the nearest value.
    class_index
        The class. It need not be the one predicted there.

    Returns
    -------
    Region
        A target, as `explain` takes it.

    Raises
    ------
    TypeError
        If `mask` is not boolean.
    ValueError
        If it is nowhere True; and, when it is asked of a model, if nothing is left of it at the
        output's size, or there is no such class, or the output is not dense.

    Examples
    --------
    >>> model = torch.nn.Conv2d(3, 4, 3, padding=1)
    >>> mask = torch.zeros(6, 8, dtype=torch.bool)
    >>> mask[1:3, 2:6] = True
    >>> target = region(mask, 1)
    >>> print(target)
    region of 8 pixels, class 1
    >>> target(model(torch.rand(2, 3, 6, 8))).shape
    torch.Size([2])
    """
    found = torch.as_tensor(mask)
    if found.dtype != torch.bool:
        raise TypeError(f"mask holds {found.dtype}; expected booleans, as mask > 0.5 makes them")
    if not found.any():
        raise ValueError(
            f"mask {tuple(found.shape)} is nowhere True, so there is nothing to explain"
        )
    return Region(found, _whole("class_index", class_index))


@dataclass(frozen=True)
class Pixel:
    """The logit of a class at one pixel, ``(B,)``; see `pixel`.

    Attributes
    ----------
    row, column
        The pixel of the input.
    class_index
        One for all samples, or one for each; None for the class predicted there.
    size
        ``(H, W)`` of the input; None for that of the output.
    finding
        Where the dense class scores are.
    """

    row: int
    column: int
    class_index: int | tuple[int, ...] | None = None
    size: tuple[int, ...] | None = None
    finding: ScoreFinding = field(default=ScoreFinding(), compare=False, repr=False)

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample; errors as of `pixel`."""
        there = self._scores_there(output)
        classes = _predicted(there) if self.class_index is None else self.class_index
        classes = (classes,) if isinstance(classes, int) else classes
        # Of a larger batch, sample i is a changed copy of sample i % B.
        asked = [classes[sample % len(classes)] for sample in range(len(there))]
        for each in asked:
            require_class(each, there.shape[1])
        return there[torch.arange(len(there)), asked]

    def anchored(self, output: Any, subject: Subject) -> Pixel:
        """With the input's size, and the class that is predicted there now."""
        size = tuple(subject.inputs.shape[2:])
        fixed = replace(self, size=size, finding=subject.finding)
        there = fixed._scores_there(output)
        if self.class_index is None:
            classes = _predicted(there)
            is_one = len(set(classes)) == 1
            fixed = replace(fixed, class_index=classes[0] if is_one else classes)
        return fixed

    def _scores_there(self, output: Any) -> Tensor:
        """The class scores at the pixel, ``(B, C)``."""
        dense = require_dense(self.finding.found(output))
        size = tuple(dense.shape[2:]) if self.size is None else self.size
        if len(size) != 2 or dense.ndim != 4:
            raise ValueError(
                f"{self}: the model's output has the shape {tuple(dense.shape)}, and a pixel is a "
                "place in (B, C, H, W); take xw.region(mask, class_index)"
            )
        if not (0 <= self.row < size[0] and 0 <= self.column < size[1]):
            raise ValueError(
                f"{self} is outside of the input, which has {size[0]} rows and {size[1]} columns"
            )
        row, column = (
            int((place + 0.5) * cells / side)
            for place, cells, side in zip(
                (self.row, self.column), dense.shape[2:], size, strict=True
            )
        )
        return dense[:, :, row, column]

    def __str__(self) -> str:
        """As a person reads it."""
        place = f"pixel ({self.row}, {self.column})"
        if self.class_index is None:
            return place
        classes = (self.class_index,) if isinstance(self.class_index, int) else self.class_index
        return f"{place}, class {', '.join(map(str, classes))}"


@dataclass(frozen=True, eq=False)
class Region:
    """The sum of a class's logits over a mask, ``(B,)``; see `region`.

    Attributes
    ----------
    mask
        Boolean ``(H, W)``.
    class_index
        The class.
    finding
        Where the dense class scores are.
    """

    mask: Tensor
    class_index: int
    finding: ScoreFinding = field(default=ScoreFinding(), repr=False)

    def __call__(self, output: Any) -> Tensor:
        """The score of each sample; errors as of `region`."""
        dense = require_dense(self.finding.found(output))
        require_class(self.class_index, dense.shape[1])
        mask = self._at(tuple(dense.shape[2:])).to(dense.device)
        return sum_over(mask, dense[:, self.class_index].unsqueeze(1))[:, 0]

    def anchored(self, _output: Any, subject: Subject) -> Region:
        """With what the subject knows of the output."""
        return replace(self, finding=subject.finding)

    def _at(self, grid: tuple[int, ...]) -> Tensor:
        """The mask at the size of the output."""
        shape = tuple(self.mask.shape)
        if len(shape) != len(grid):
            raise ValueError(
                f"{self}: the mask has the shape {shape}, and the model's output is of {grid}; "
                "expected as many sides"
            )
        resized = interpolate(self.mask[None, None].float(), grid, mode="nearest-exact")[0, 0] > 0
        if not resized.any():
            raise ValueError(
                f"{self}: nothing is left of the mask {shape} at the output's size {grid}; take a "
                "larger one, or xw.pixel(row, column, class_index)"
            )
        return resized

    def __str__(self) -> str:
        """As a person reads it."""
        count = int(self.mask.sum())
        return f"region of {count} pixel{'s' * (count > 1)}, class {self.class_index}"


def _predicted(there: Tensor) -> tuple[int, ...]:
    return tuple(there.detach().argmax(dim=1).tolist())


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} {value!r} is a {type(value).__name__}; expected a whole number")
    return int(value.__index__())
