"""In which pictures the channels of a layer answer most, and what of each picture they see there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..network import at_least_float32
from ..passes import ForwardPass, unit_gradient
from .asking import Failure
from .batch_size import BatchSize
from .exploration import Exploration
from .labels import Labels
from .samples import Sample, Samples, indices_of, inputs_of

# As many pictures as are shown of a channel.
NINE = 9
# How much of a picture is left in the copies on which a receptive field is measured.
_STRENGTHS = (1, 0.5, 0.25, 0.1)
# So that progress is told, and Cancel heard, often enough.
_MOST_AT_ONCE = 16


@dataclass(frozen=True)
class Place:
    """The place of a picture where a channel answers most: which cell of its grid, and how much."""

    image_index: int
    cell: int
    value: float


@dataclass(frozen=True)
class Box:
    """A part of a picture, in pixels."""

    top: int
    left: int
    height: int
    width: int


class StrongestPlaces:
    """Looks through all pictures once for all channels of a layer, batch by batch.

    What it keeps are nine numbers a channel, however many pictures there are. One that is cancelled
    goes on where it was left.

    Parameters
    ----------
    exploration
        The model with its pictures.
    layer
        The layer's name.

    Attributes
    ----------
    failures
        The pictures that could not be read or run, and why.
    """

    def __init__(self, exploration: Exploration, layer: str) -> None:
        self._exploration, self.layer = exploration, layer
        self.failures: dict[int, Failure] = {}
        labels = Labels(exploration.pictures, exploration.class_names, None)
        self._samples = Samples(exploration, labels, BatchSize(None), self.failures)
        self._seen = 0
        # Of each channel ``(C, up to nine)``, the greatest first.
        self._values = self._cells = self._images = torch.empty(0, 0)

    @property
    def seen(self) -> int:
        """How many pictures were looked at."""
        return self._seen

    def look(self, cancelled: Callable[[], bool]) -> Iterator[float]:
        """Look at all pictures that were not; yields the share that is done."""
        count = len(self._exploration.pictures)
        rest = range(self._seen, count)
        for done in self._samples.work_through(rest, self._keep, None, cancelled, _MOST_AT_ONCE):
            self._seen += len(done)
            yield self._seen / count

    def of(self, channel: int) -> list[Place]:
        """Up to nine pictures in which a channel answers most, the strongest first."""
        if not len(self._values):
            return []
        rows = (each[channel].tolist() for each in (self._images, self._cells, self._values))
        return [
            Place(int(image), int(cell), value) for image, cell, value in zip(*rows, strict=True)
        ]

    def _keep(self, batch: list[Sample]) -> None:
        exploration, indices = self._exploration, indices_of(batch)
        forward = ForwardPass(
            exploration.model,
            inputs_of(batch),
            [self.layer],
            input_gradient=False,
            copy_inputs=False,
            exact=False,
            **exploration.call(indices),
        )
        maps = at_least_float32(forward.maps(self.layer)).flatten(2)
        values, cells = (found.T.cpu() for found in maps.max(dim=2))
        images = torch.tensor(indices).expand(len(values), -1)
        if not values.isfinite().all():
            raise FloatingPointError(f"layer {self.layer!r} has NaN or infinite values")
        if len(self._values):
            values = torch.cat([self._values, values], dim=1)
            cells = torch.cat([self._cells, cells], dim=1)
            images = torch.cat([self._images, images], dim=1)
        # Stable, so that of equal answers the first picture's comes first.
        values, order = values.sort(dim=1, descending=True, stable=True)
        order = order[:, :NINE]
        self._values = values[:, :NINE].contiguous()
        self._cells, self._images = cells.gather(1, order), images.gather(1, order)


def receptive_field(exploration: Exploration, layer: str, channel: int, place: Place) -> Box | None:
    """The smallest box of the picture's pixels that a channel's answer at a place depends on.

    Measured, not reckoned from strides, so that it holds for any network: the pixels at which the
    gradient of that one value with respect to the input is not 0. An answer that can grow no more
    (a ReLU6 at 6) has none; then it is measured on a paler copy of the picture. None where no copy
    has any.
    """
    index = place.image_index
    inputs = exploration.prepared(index).input.unsqueeze(0)
    grey = inputs.mean(dim=(2, 3), keepdim=True)
    for strength in _STRENGTHS:
        paler = inputs if strength == 1 else grey + strength * (inputs - grey)
        subject = exploration.subject(index, paler)
        box = _extent(unit_gradient(subject, layer, channel, place.cell)[0])
        if box is not None:
            return box
    return None


def _extent(gradient: Tensor) -> Box | None:
    reached = (gradient != 0).any(dim=0)
    rows = reached.any(dim=1).nonzero().flatten().tolist()
    columns = reached.any(dim=0).nonzero().flatten().tolist()
    if not rows:
        return None
    return Box(rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)


def cell_box(cell: int, grid: tuple[int, int], size: tuple[int, int]) -> tuple[float, ...]:
    """Where a cell of a grid lies on a picture: top, left, height and width, in pixels."""
    (rows, columns), (height, width) = grid, size
    row, column = divmod(cell, columns)
    return row * height / rows, column * width / columns, height / rows, width / columns
