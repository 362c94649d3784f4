"""What else excites a channel: the pictures of the widget in which it answers most."""

from __future__ import annotations

from contextlib import AbstractContextManager
from math import ceil, floor
from typing import Any, Protocol

from ...network import Cancelled
from ...study import (
    ChannelQuestion,
    Exploration,
    Place,
    StrongestPlaces,
    cell_box,
    in_words,
    jpeg,
    receptive_field,
)
from ..worker import Job, Worker

# Nine numbers for each channel of a layer; nobody goes back to more layers than these.
_LAYERS = 8


class Screen(Protocol):
    """What the search knows of the widget."""

    error: str
    _channel_pictures: dict[str, Any] | None

    def turn(self) -> AbstractContextManager[None]:
        """One thread at a time sets traits."""


class ChannelSearch:
    """Looks through all pictures on a thread of its own; another channel of the layer is then known at once.

    Parameters
    ----------
    screen
        The widget.
    exploration
        The model with its pictures.
    """

    def __init__(self, screen: Screen, exploration: Exploration) -> None:
        self._screen, self._exploration = screen, exploration
        self._worker = Worker("xcnn-channel-pictures")
        self._known: dict[str, StrongestPlaces] = {}

    def begin(self, question: ChannelQuestion, channel: int) -> None:
        """Look for the pictures of a channel; what was looked for before is left off.

        Raises
        ------
        ValueError
            If there is no such channel.
        """
        layer = question.layer
        count = self._exploration.layer_shapes(question.image_index)[layer][0]
        if not 0 <= channel < count:
            raise ValueError(f"{layer!r} has no channel {channel}; there are 0 to {count - 1}")
        if layer not in self._known and len(self._known) >= _LAYERS:
            del self._known[next(iter(self._known))]
        places = self._known.setdefault(layer, StrongestPlaces(self._exploration, layer))
        self._show(channel, places, progress=0.0)
        self._worker.start(lambda job: self._work(job, places, channel))

    def cancel(self) -> None:
        """Leave off; what was seen is not looked at again."""
        shown = self._screen._channel_pictures
        if self._worker.busy:
            self._worker.cancel()
            if shown is not None and shown["progress"] is not None:
                told = f"Cancelled after {shown['seen']} of {shown['count']} pictures."
                self._screen._channel_pictures = {**shown, "progress": None, "told": told}

    def wait(self, timeout: float | None) -> None:
        """Block until it is not at work."""
        self._worker.wait(timeout)

    def forget(self) -> None:
        """Hold nothing."""
        self._known.clear()

    def _work(self, job: Job, places: StrongestPlaces, channel: int) -> None:
        try:
            for share in places.look(job.cancelled):
                self._tell(job, channel, places, progress=share)
            if job.cancelled():
                return
            answers = [place for place in places.of(channel) if place.value > 0]
            tiles = [self._tile(places.layer, channel, place) for place in answers]
            told = self._told(places, tiles)
            self._tell(job, channel, places, tiles=tiles, told=told)
        except Cancelled:
            raise
        except Exception as error:
            with self._screen.turn():
                if self._worker.is_latest(job):
                    self._screen.error = in_words(error)
                    self._screen._channel_pictures = None

    def _tell(self, job: Job, channel: int, places: StrongestPlaces, **state: Any) -> None:
        with self._screen.turn():
            if self._worker.is_latest(job):
                self._show(channel, places, **state)

    def _show(
        self,
        channel: int,
        places: StrongestPlaces,
        *,
        progress: float | None = None,
        tiles: list[dict[str, Any]] | None = None,
        told: str = "",
    ) -> None:
        self._screen._channel_pictures = {
            "layer": places.layer,
            "channel": channel,
            "progress": None if progress is None else round(progress, 3),
            "seen": places.seen,
            "count": len(self._exploration.pictures),
            "told": told,
            "tiles": tiles or [],
        }

    def _told(self, places: StrongestPlaces, tiles: list[dict[str, Any]]) -> str:
        failed = len(places.failures)
        left_out = f" {failed} could not be read." if failed else ""
        if not tiles:
            return f"It answers in none of {places.seen} pictures.{left_out}"
        of = "the only picture" if places.seen == 1 else f"{places.seen} pictures"
        return (
            f"The strongest of {of}, each cut to the pixels that its answer depends on (where the gradient "
            f"of that one value is not 0); the frame is the place in the grid.{left_out}"
        )

    def _tile(self, layer: str, channel: int, place: Place) -> dict[str, Any]:
        exploration, index = self._exploration, place.image_index
        prepared = exploration.prepared(index)
        height, width = prepared.size
        field = receptive_field(exploration, layer, channel, place)
        grid = exploration.layer_shapes(index)[layer][1:]
        row, column, tall, wide = cell_box(place.cell, (grid[0], grid[1]), (height, width))
        if field is None:
            # Nothing of the picture moves it: the place alone is shown.
            top, left = floor(row), floor(column)
            bottom, right = ceil(row + tall), ceil(column + wide)
        else:
            top, left = field.top, field.left
            bottom, right = top + field.height, left + field.width
        crop = prepared.picture[top:bottom, left:right]
        return {
            "image_index": index,
            "name": exploration.pictures.name(index),
            "value": place.value,
            "depends": field is not None,
            "data": jpeg(crop),
            "box": [top, left, bottom - top, right - left],
            "cell": [row - top, column - left, tall, wide],
        }
