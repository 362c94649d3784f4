"""Pictures: a lazy collection over whatever holds pictures."""

from __future__ import annotations

import io
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image
from torch import Tensor

from .display import Display, Shown
from .folders import pictures_of_folder
from .inputs import InputChannels, as_input, is_batch
from .reading import PictureSource, read_picture

__all__ = ["Label", "PictureSource", "Pictures", "read_picture"]

Label = int | float | str | None

_KINDS = {1: "signal", 2: "picture", 3: "volume"}


class Pictures:
    """A collection of pictures, none of which is opened before it is looked at.

    Parameters
    ----------
    source
        - one picture, as `read_picture` takes it;
        - a list, tuple, torch ``Dataset`` or any other sequence (``len`` and ``[i]``) of pictures
          or of pairs ``(picture, label)``;
        - a mapping: its keys are the names;
        - a folder: the picture files in it, in natural order (2 before 10). Where there are none,
          those of its subfolders, whose names are then the labels (the layout of torchvision's
          ``ImageFolder``);
        - other `Pictures`, of which nothing is looked for anew;
        - a batch: a tensor ``(B, C, H, W)`` or a NumPy array ``(B, H, W, C)``; for a model of one
          channel also ``(B, H, W)``. For a model of signals ``(B, C, L)``, of volumes
          ``(B, C, D, H, W)``.

        Floating tensors ``(C, H, W)`` and arrays ``(H, W, C)`` or ``(C, H, W)`` with as many
        channels as the model takes are inputs, whatever their values. Everything else is a picture.
    channels
        How many channels the model takes. Default: any number.

    Raises
    ------
    FileNotFoundError
        If a path leads nowhere.
    TypeError
        If the source is no collection, such as a generator or a ``DataLoader``.
    ValueError
        If there is no picture in it.

    Examples
    --------
    >>> pictures = Pictures({"black": np.zeros((2, 3), np.uint8), "white": np.ones((2, 3))})
    >>> len(pictures), pictures.name(1), pictures.open(1).size
    (2, 'white', (3, 2))
    """

    def __init__(self, source: Any, *, channels: InputChannels | None = None) -> None:
        self._channels = InputChannels() if channels is None else channels
        self._items, self._names, self._labels = _collected(source, self._channels)
        self._last: tuple[int, tuple[Any, Label]] | None = None
        if len(self._items) == 0:
            raise ValueError(
                f"there are no pictures in this {type(source).__name__}; give one or more"
            )

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Pictures({len(self)}: {self.name(0)!r}{', ...' if len(self) > 1 else ''})"

    def name(self, index: int) -> str:
        """Return a picture's name, without opening it: its key, its file, or ``picture 3``."""
        index = self._checked(index)
        if self._names is not None:
            return self._names[index]
        # Only a list can be asked for an item at no cost.
        item = self._items[index] if isinstance(self._items, list | tuple) else None
        picture, _ = _split(item)
        path = getattr(picture, "filename", "") if isinstance(picture, Image.Image) else picture
        is_path = isinstance(path, str | os.PathLike) and str(path)
        return Path(path).name if is_path else f"{_KINDS[self._channels.dimensions]} {index}"

    def path(self, index: int) -> str | None:
        """Return a picture's file, without opening it; None where it is no file or only opening would tell."""
        item = self._items[self._checked(index)] if isinstance(self._items, list | tuple) else None
        picture, _ = _split(item)
        return os.fspath(picture) if isinstance(picture, str | os.PathLike) else None

    def key(self, index: int) -> str:
        """Return what a picture is found by in its collection, without opening it: its name, its path, or its number."""
        named = None if self._names is None else self._names[self._checked(index)]
        return named or self.path(index) or str(index)

    def label(self, index: int) -> Label:
        """Return a picture's label as it was given, an index or a name; None where there is none.

        A ``Dataset`` has to open the picture for it.
        """
        index = self._checked(index)
        return self._item_and_label(index)[1] if self._labels is None else self._labels[index]

    def open(self, index: int) -> Image.Image:
        """Open a picture, RGB and upright; of an input, what `Display` makes of it."""
        return _as_image(self.item(index), Display().shown).convert("RGB")

    def raw(self, index: int) -> Any:
        """What the collection holds, without its label."""
        return self._item_and_label(self._checked(index))[0]

    def item(self, index: int) -> Image.Image | Tensor:
        """Open a picture as `Preprocessing.prepare` takes it.

        Returns
        -------
        PIL.Image.Image or Tensor
            The picture, upright, RGB or, if it has no colours, L; or the input ``(C, H, W)``.

        Raises
        ------
        FileNotFoundError, TypeError, ValueError
            As `read_picture`, with the picture's name in front where it does not tell; or if there
            are floating numbers with another number of channels than the model takes.
        """
        index = self._checked(index)
        return self._read(index, None)

    def thumbnail(
        self, index: int, side: int = 96, *, shown: Callable[[Tensor], Shown] | None = None
    ) -> bytes:
        """Return a small JPEG of a picture.

        Parameters
        ----------
        index
            Which picture, 0 to ``len - 1``.
        side
            The longer side of the thumbnail at most, in pixels.
        shown
            From an input to its picture. Default: as `Display` says.
        """
        item = self._read(self._checked(index), 2 * side)
        return small_jpeg(_as_image(item, Display().shown if shown is None else shown), side)

    def _read(self, index: int, at_least: int | None) -> Image.Image | Tensor:
        item, _ = self._item_and_label(index)
        try:
            inputs = as_input(item, self._channels.count)
            if inputs is not None and self._channels.take(inputs):
                return inputs
            if inputs is None:
                return read_picture(item, at_least=at_least, keep_grey=True)
            return self._as_picture(item, inputs)
        except (TypeError, ValueError) as error:
            name = self.name(index)
            if name in str(error):
                raise
            raise type(error)(f"{name}: {error}") from error

    def _as_picture(self, item: Any, inputs: Tensor) -> Image.Image:
        """Read floating numbers that the model does not take: a grey or coloured picture in [0, 1]."""
        cause: Exception | None = None
        if self._channels.count in (1, 3):
            try:
                return read_picture(item, keep_grey=True)
            except (TypeError, ValueError) as error:
                cause = error
        kind = "an array" if isinstance(item, np.ndarray) else "a tensor"
        what = f"{kind} {tuple(item.shape)}"
        raise ValueError(self._channels.refusal(what, len(inputs))) from cause

    def _item_and_label(self, index: int) -> tuple[Any, Label]:
        # A Dataset may decode, or draw at random: its label and its picture come from one look.
        last = self._last
        if last is not None and last[0] == index:
            return last[1]
        found = _split(self._items[index])
        self._last = (index, found)
        return found

    def _checked(self, index: int) -> int:
        number = operator.index(index)
        if not 0 <= number < len(self):
            raise IndexError(
                f"there is no picture {number}; there are {len(self)}, 0 to {len(self) - 1}"
            )
        return number


class _Indexable(Protocol):
    """What a lazy sequence, such as a torch ``Dataset``, has to have."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


_Collection = tuple[_Indexable, Sequence[str] | None, Sequence[Label] | None]


def small_jpeg(image: Image.Image, side: int = 96) -> bytes:
    """Encode a picture as a small JPEG, whose longer side has at most so many pixels."""
    image.thumbnail((side, side))
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=80)
    return jpeg.getvalue()


def _collected(source: Any, channels: InputChannels) -> _Collection:
    """Give a source's items, their names and labels; None where these are with the items."""
    if isinstance(source, Pictures):
        return source._items, source._names, source._labels
    if isinstance(source, str | os.PathLike) and Path(source).is_dir():
        return pictures_of_folder(Path(source))
    if isinstance(source, str | os.PathLike) and not Path(source).exists():
        raise FileNotFoundError(
            f"there is no picture and no folder '{source}', looked for in '{Path.cwd()}'"
        )
    if is_batch(source, channels.count, channels.dimensions):
        return list(source), None, None
    if isinstance(
        source,
        str | os.PathLike | bytes | bytearray | memoryview | Image.Image | np.ndarray | Tensor,
    ):
        return [source], None, None
    if isinstance(source, Mapping):
        return _MappingItems(source), [str(key) for key in source], None
    if hasattr(source, "__len__") and hasattr(source, "__getitem__"):
        return source, None, None
    way_out = (
        "use its .dataset" if hasattr(source, "dataset") else "make a list of what you want to see"
    )
    raise TypeError(
        f"a {type(source).__name__} is no collection of pictures (it has no len() or no [i]); "
        f"{way_out}. Expected a picture, a list, a dict, a folder, a sized Dataset or a batch"
    )


def _as_image(item: Image.Image | Tensor, shown: Callable[[Tensor], Shown]) -> Image.Image:
    return item if isinstance(item, Image.Image) else Image.fromarray(shown(item).picture)


class _MappingItems:
    """The values of a mapping by number, each asked for only when it is wanted."""

    def __init__(self, mapping: Mapping[Any, Any]) -> None:
        self._mapping = mapping
        self._keys = list(mapping)

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, index: int) -> Any:
        return self._mapping[self._keys[index]]


def _split(item: Any) -> tuple[Any, Label]:
    """Split what a collection holds, or a ``Dataset`` yields, into picture and label."""
    if not isinstance(item, tuple | list) or not item:
        return item, None
    picture, label = item[0], item[1] if len(item) > 1 else None
    if isinstance(label, np.generic) or (isinstance(label, Tensor) and label.numel() == 1):
        label = label.item()
    return picture, label
