"""What the gallery's tests share: models and data sets that count, wait and fail; rows read back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import NAMES, to_input

Array = NDArray[Any]


@contextmanager
def opened(
    model: Any, images: Any, class_names: Any = NAMES, **choices: Any
) -> Iterator[GalleryWidget]:
    """A gallery whose first page is complete."""
    gallery = GalleryWidget(model, images, class_names, **{"transform": to_input, **choices})
    try:
        gallery.wait(60)
        yield gallery
    finally:
        gallery.close()
        gallery.wait(60)


def show(gallery: GalleryWidget, **choices: Any) -> list[dict[str, Any]]:
    """Make choices, all at once, and return the rows of the complete page."""
    with gallery.hold_trait_notifications():
        for name, value in choices.items():
            setattr(gallery, name, value)
    gallery.wait(60)
    return rows_of(gallery)


def rows_of(gallery: GalleryWidget) -> list[dict[str, Any]]:
    """The rows of the page, all of which have to be there and to belong to it."""
    page = gallery._page
    assert page is not None
    rows = [gallery._row(position) for position in range(page["rows"])]
    assert all(row is not None and row["generation"] == page["generation"] for row in rows)
    assert all(gallery._row(position) is None for position in range(page["rows"], 100))
    return [row for row in rows if row is not None]


def names(rows: list[dict[str, Any]]) -> list[str]:
    """The names of the rows."""
    return [row["name"] for row in rows]


def values_of(state: dict[str, Any]) -> Array:
    """A map of a row in true values, ``(h, w)``."""
    low, high = state["range"]
    levels = np.frombuffer(state["data"], np.uint8).reshape(state["shape"])
    return low + levels.astype(np.float32) / 255 * (high - low)


def noise(count: int, height: int = 16, width: int = 24, seed: int = 7) -> list[Array]:
    """Pictures that differ, wider than high."""
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]


def plain(*levels: tuple[int, int, int]) -> list[Array]:
    """Pictures of one colour each, 12 x 20."""
    return [np.full((12, 20, 3), level, np.uint8) for level in levels]


class ColourModel(nn.Module):
    """Three classes, whose scores are ten times the mean red, green and blue."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1, bias=False)
        with torch.no_grad():
            self.conv.weight.copy_(torch.eye(3).reshape(3, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Mean colours, through a ReLU."""
        return 10 * torch.relu(self.conv(x)).mean((2, 3))


class WatchedModel(ColourModel):
    """Writes its batches down, and can be made to wait, to fail, and to run out of memory."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.backwards = 0
        self.most = 10**6
        self.gate, self.waiting = threading.Event(), threading.Event()
        self.gate.set()

    def hold(self) -> None:
        """Let nothing through from now on."""
        self.waiting.clear()
        self.gate.clear()

    def forward(self, x: Tensor) -> Tensor:
        """As `ColourModel`; NaN for black, an error for white."""
        self.batches.append(len(x))
        self.waiting.set()
        assert self.gate.wait(60)
        if len(x) > self.most:
            raise torch.OutOfMemoryError(f"no room for {len(x)}")
        brightness = x.mean((1, 2, 3))
        if bool((brightness > 0.99).any()):
            raise RuntimeError("too bright")
        scores = super().forward(x)
        if scores.requires_grad:
            scores.register_hook(self._count)
        return torch.where((brightness == 0)[:, None], torch.nan, scores)

    def _count(self, _: Tensor) -> None:
        self.backwards += 1


class Counted(Sequence[Any]):
    """A lazy sequence of pictures with labels, which writes down what is opened."""

    def __init__(self, count: int, height: int = 12, width: int = 20) -> None:
        self.length, self.size = count, (height, width, 3)
        self.opened: list[int] = []

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self.length:
            raise IndexError(index)
        self.opened.append(index)
        levels = np.random.default_rng(index).integers(0, 250, self.size, dtype=np.uint8)
        return levels, index % 3
