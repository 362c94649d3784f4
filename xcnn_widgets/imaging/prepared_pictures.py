"""Pictures, and what of them a model is given: read when it is asked for, and kept for a while."""

from __future__ import annotations

import threading
from typing import Any

from PIL import Image

from ..bounded_cache import BoundedCache, tensor_bytes
from .display import Display, DisplayChoice
from .inputs import InputChannels
from .normalisation import Normalisation
from .pictures import Pictures, small_jpeg
from .preprocessing import Prepared, Preprocessing, Transform
from .reading import PictureSource, read_picture
from .volumes import SignalsAndVolumes


class PreparedPictures:
    """Reads pictures one at a time, and prepares none twice that is still at hand.

    Parameters
    ----------
    images
        Anything that `Pictures` takes.
    transform
        As `Preprocessing` takes it.
    cache_bytes
        The most bytes of pictures and inputs to keep.
    display
        How inputs are shown, as `Display` takes it.
    channels
        How many channels the model takes. Default: any number.
    transform_note
        What to say of the transform beside each picture.
    """

    def __init__(
        self,
        images: Any,
        transform: Transform | None,
        cache_bytes: int,
        *,
        display: DisplayChoice | None = None,
        channels: InputChannels | None = None,
        transform_note: str = "",
    ) -> None:
        self.pictures = Pictures(images, channels=channels)
        self.dimensions = 2 if channels is None else channels.dimensions
        self.display = Display(display)
        self._preprocessing = Preprocessing(
            transform, channels=channels, display=self.display, note=transform_note
        )
        self._other: SignalsAndVolumes | None = None
        if channels is not None and self.dimensions != 2:
            self._other = SignalsAndVolumes(channels, transform, self.display, transform_note)
        self._prepared: BoundedCache[int, Prepared] = BoundedCache(
            cache_bytes, lambda found: tensor_bytes([found.input]) + found.picture.nbytes
        )
        # A Dataset need not bear two readers.
        self.reading = threading.RLock()

    def prepared(self, index: int) -> Prepared:
        """A picture and its input."""
        found = self._prepared.get(index)
        if found is None:
            found = self.read(index)
            self._prepared.put(index, found)
        return found

    def read(self, index: int) -> Prepared:
        """A picture and its input, which are not kept."""
        with self.reading:
            return self._prepare(index)

    def hand_over(self, index: int, prepared: Prepared) -> None:
        """Keep what somebody else has read, such as another process."""
        self._prepared.put(index, prepared)

    def _prepare(self, index: int) -> Prepared:
        if self._other is None:
            return self._preprocessing.prepare(self.pictures.item(index))
        name = self.pictures.name(index)
        return self._other.prepare(self.pictures.raw(index), name)

    def prepare(self, picture: PictureSource) -> Prepared:
        """A picture that is none of these, prepared as they are."""
        return self._preprocessing.prepare(read_picture(picture))

    def normalisation(self, index: int) -> Normalisation | None:
        """From a picture's levels to its input; None where its colours are not the true ones."""
        return self.prepared(index).normalisation

    def first_readable(self, index: int) -> tuple[int, str]:
        """The first picture from `index` on (and around) that can be read, and why the one asked for cannot.

        Raises
        ------
        OSError, TypeError, ValueError
            If none can be read.
        """
        count = len(self.pictures)
        if not 0 <= index < count:
            raise ValueError(
                f"image_index = {index!r}: there are {count} pictures, 0 to {count - 1}"
            )
        complaint = ""
        for candidate in [*range(index, count), *range(index)]:
            try:
                self.prepared(candidate)
            except (OSError, TypeError, ValueError) as error:
                if count == 1:
                    raise
                complaint = complaint or str(error)
            else:
                return candidate, complaint
        raise ValueError(f"none of the {count} pictures can be read; of the first: {complaint}")

    def thumbnail(self, index: int) -> bytes | None:
        """A small JPEG of a picture; None if it cannot be read, for which its own turn gives the reason."""
        try:
            with self.reading:
                if self._other is not None:
                    return small_jpeg(Image.fromarray(self._prepare(index).still))
                return self.pictures.thumbnail(index, shown=self._preprocessing.shown)
        except (OSError, TypeError, ValueError):
            return None

    def forget(self) -> None:
        """Let go of what was read; it can be read again."""
        self._prepared.clear()
