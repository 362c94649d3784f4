"""Pictures of a data set, read and transformed in other processes while the model works."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image
from torch.utils.data import DataLoader, Dataset

from ..imaging import Prepared, small_jpeg
from ..study import Exploration, in_words

# Each of them holds what it has read ahead; more than these gain nothing beside one model.
_MOST_WORKERS = 8
# How many pictures come from a process at once.
_PACKET = 4


@dataclass(frozen=True, eq=False)
class Item:
    """A picture that was read, or why it could not be.

    Attributes
    ----------
    index
        Which picture.
    prepared
        The picture and its input; None if it could not be read.
    label
        What came with it.
    thumbnail
        A small JPEG.
    error
        Why it could not be read; empty if it could.
    """

    index: int
    prepared: Prepared | None
    label: Any
    thumbnail: bytes | None
    error: str = ""


def items(
    exploration: Exploration, indices: Sequence[int], *, workers: int | None, side: int
) -> Iterator[Item]:
    """Read pictures in their order.

    Parameters
    ----------
    exploration
        Reads them.
    indices
        Which pictures.
    workers
        How many processes read; 0 reads in this one. None takes one a processor, up to 8, where processes can
        be forked, and 0 elsewhere.
    side
        The longer side of thumbnails, in pixels.
    """
    count = _usual_workers() if workers is None else workers
    loader = DataLoader(
        _Read(exploration, indices, side),
        batch_size=_PACKET,
        num_workers=min(count, -(-len(indices) // _PACKET)),
        # As bytes they go through a pipe; tensors would lie in shared memory, of which containers have little.
        collate_fn=pickle.dumps,
        multiprocessing_context="fork" if count and sys.platform == "linux" else None,
    )
    for packet in loader:
        yield from pickle.loads(packet)  # noqa: S301 - our own processes made it


def _usual_workers() -> int:
    if sys.platform != "linux":
        return 0
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)))


class _Read(Dataset[Item]):
    def __init__(self, exploration: Exploration, indices: Sequence[int], side: int) -> None:
        self._exploration, self._indices, self._side = exploration, indices, side

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, position: int) -> Item:
        index = self._indices[position]
        try:
            # A Dataset gives picture and label at one look.
            prepared = self._exploration.read(index)
            label = self._exploration.pictures.label(index)
            return Item(
                index, prepared, label, small_jpeg(Image.fromarray(prepared.still), self._side)
            )
        except Exception as error:
            return Item(index, None, None, None, in_words(error))
