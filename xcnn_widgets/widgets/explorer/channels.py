"""The panel about a layer's channels: the terms of Grad-CAM's sum, and the network without some of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from traitlets import Bunch

from ...study import (
    ChannelQuestion,
    Channels,
    ChannelTable,
    Choice,
    Exploration,
    Shown,
    grids_of,
    grids_state,
    in_words,
    prediction_state,
    silenced_state,
)
from ..worker import Job, Worker
from .channel_search import ChannelSearch

_NO_LAYER = "the model offers no layer with a grid, so there are no channels to look at"


class Screen(Protocol):
    """What the panel knows of the widget."""

    error: str
    channels_open: bool
    channels_off: Any
    _channel_layer: dict[str, Any] | None
    _channel_weights: dict[str, Any] | None
    _channels_after: dict[str, Any] | None
    _channel_wanted: Any
    _channel_pictures: dict[str, Any] | None
    shown: Shown | None

    @property
    def exploration(self) -> Exploration:
        """The model that is asked, with its pictures."""

    @property
    def layer(self) -> str | None:
        """The layer that is chosen."""

    def choice(self) -> Choice:
        """What is chosen."""

    def turn(self) -> AbstractContextManager[None]:
        """One thread at a time sets traits."""

    def hold_sync(self) -> AbstractContextManager[None]:
        """While open, what is set goes to the pages in one message."""


class ChannelPanel:
    """Follows class, layer and picture while it is open, and runs the network without what is switched off.

    What a page asks for is run on a thread of its own, where the latest request wins.

    Parameters
    ----------
    screen
        The widget.
    exploration
        The model to begin with.
    """

    traits: tuple[str, ...] = (
        "channels_open",
        "channels_off",
        "_channel_wanted",
        "_channel_cancel",
    )

    def __init__(self, screen: Screen, exploration: Exploration) -> None:
        self._screen = screen
        self._channels = Channels(exploration)
        self._worker = Worker("xcnn-channels")
        self._search = ChannelSearch(screen, exploration)
        # What the grids on the pages belong to.
        self._grids_of: tuple[int, str] | None = None

    def table(self) -> ChannelTable:
        """As `ExplainerWidget.channels`."""
        return self._channels.table(self._question(self._screen.choice()))

    def changed(self, change: Bunch, *, by_page: bool) -> None:
        """Open or close, switch channels off, or look for pictures."""
        choice = self._screen.choice()
        if change.name == "channels_open":
            if change.new:
                self._show(choice, by_page=by_page)
            else:
                self._leave_off()
        elif change.name == "channels_off":
            if self._screen.channels_open:
                self._switch(self._question(choice), by_page=by_page)
        elif change.name == "_channel_cancel":
            self._search.cancel()
        elif self._screen.channels_open and change.new:
            self._search.begin(self._question(choice), change.new[0])

    def follow(self, choice: Choice, *, by_page: bool) -> None:
        """Show the channels of what is shown."""
        if self._screen.channels_open:
            self._show(choice, by_page=by_page)

    def wait(self, timeout: float | None) -> None:
        """Block until nothing is at work."""
        self._worker.wait(timeout)
        self._search.wait(timeout)

    def close(self) -> None:
        """Leave off, and hold nothing."""
        self._leave_off()
        self._search.forget()

    def _leave_off(self) -> None:
        self._worker.cancel()
        self._search.cancel()

    def _turn_to(self, exploration: Exploration) -> None:
        """Ask another model from now on, whose channels are others."""
        self.close()
        screen = self._screen
        self._channels = Channels(exploration)
        self._search = ChannelSearch(screen, exploration)
        self._grids_of = None
        with screen.hold_sync():
            screen.channels_off = []
            screen._channel_layer = screen._channel_pictures = None

    def _question(self, choice: Choice) -> ChannelQuestion:
        if choice.layer is None:
            raise ValueError(_NO_LAYER)
        if self._screen.exploration is not self._channels.exploration:
            self._turn_to(self._screen.exploration)
        return ChannelQuestion(choice.image_index, choice.layer, choice.target)

    def _show(self, choice: Choice, *, by_page: bool) -> None:
        screen, question = self._screen, self._question(choice)
        terms = self._channels.terms(question)
        weights = {
            "layer": question.layer,
            "image_index": question.image_index,
            "target": prediction_state(self._channels.target(question, terms)),
            "data": terms.weights[0].float().cpu().numpy().astype("<f4").tobytes(),
        }
        of = question.image_index, question.layer
        before, self._grids_of = self._grids_of, of
        with screen.hold_sync():
            if of != before or screen._channel_layer is None:
                size = self._channels.exploration.prepared(question.image_index).size
                screen._channel_layer = grids_state(question, grids_of(terms), size)
            screen._channel_weights = weights
            if before is not None and before[1] != question.layer:
                # Numbers of another layer's channels mean nothing here.
                self._search.cancel()
                screen._channel_pictures = None
                screen.channels_off = []
        if screen.channels_off:
            self._switch(question, by_page=by_page)

    def _switch(self, question: ChannelQuestion, *, by_page: bool) -> None:
        screen, off = self._screen, tuple(self._screen.channels_off)
        self._worker.cancel()
        if not off:
            screen._channels_after = None
        elif by_page:
            self._worker.start(lambda job: self._work(job, question, off))
        else:
            screen._channels_after = self._silenced(question, off, lambda: False)

    def _work(self, job: Job, question: ChannelQuestion, off: tuple[int, ...]) -> None:
        screen = self._screen
        try:
            state = self._silenced(question, off, job.cancelled)
        except Exception as error:
            with screen.turn():
                if self._worker.is_latest(job):
                    screen.error = in_words(error)
            return
        with screen.turn():
            if self._worker.is_latest(job):
                screen._channels_after = state

    def _silenced(
        self, question: ChannelQuestion, off: tuple[int, ...], cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        found = self._channels.silenced(question, off, cancelled)
        return {"off": list(off), **silenced_state(question, found)}
