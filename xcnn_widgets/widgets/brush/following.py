"""What follows from a change: code has its answer before it returns, a page waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from traitlets import TraitError

from ...methods import method_named
from ...study import Choice, in_words
from .answering import Answering
from .origin import Origin
from .painting import Painting
from .partner import LINKED
from .underlay import Underlay

# What the network's answer depends on, what the heatmap does, and what else the challenge's score does.
_ANSWERED = ("image_index", "mask", "fill", "target")
_MAPPED = ("image_index", "target", "method", "layer", "opacity", "blend", "colormap")
_SCORED = ("goal", "seed", "layer")


class Followed(Protocol):
    """The brush, whose choices are followed."""

    image_index: int
    mask: Any
    heatmap: Any
    goal: Any

    def show_picture(self) -> None:
        """Tell the page which picture is shown, and what can be chosen on it."""

    def observe(self, handler: Callable[[Any], None], names: Iterable[str]) -> None:
        """Have a handler called with every change of these traits."""


class Following:
    """Answers each change; what code asks for and nobody can answer is taken back, and raised."""

    def __init__(
        self,
        brush: Followed,
        painting: Painting,
        answering: Answering,
        underlay: Underlay,
        origin: Origin,
    ) -> None:
        self._brush, self._painting, self._origin = brush, painting, origin
        self._answering, self._underlay = answering, underlay
        self._quiet = False

    def start(self) -> None:
        """Answer what is chosen, and follow from now on."""
        try:
            self._answering.check_goal()
        except ValueError as error:
            raise TraitError(f"goal = {self._brush.goal!r}: {error}") from error
        self._painting.draw()
        self._answering.ask()
        self._underlay.lay()
        self._brush.observe(self._follow, {*_ANSWERED, *_MAPPED, *_SCORED})

    def open_picture(self) -> None:
        """Begin anew with the brush's picture, of which nothing is hidden."""
        self._painting.open()
        self._brush.show_picture()
        with self._quietly():
            self._brush.heatmap, self._brush.mask = None, self._painting.strokes.mask

    def take(self, choice: Choice) -> None:
        """Take over what the partner shows, one after the other, for each is checked."""
        for name in LINKED:
            if getattr(self._brush, name) != getattr(choice, name):
                setattr(self._brush, name, getattr(choice, name))
        if method_named(choice.method).options:
            self._underlay.lay()

    def close(self) -> None:
        """Follow nothing more."""
        self._quiet = True

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def _follow(self, change: Any) -> None:
        if self._quiet:
            return
        if change.name in _ANSWERED:
            self._attempt(self._answer, change)
        if change.name in _MAPPED:
            self._attempt(self._map, change, about="map")
        if change.name in _SCORED:
            self._attempt(self._score, change)

    def _answer(self, change: Any) -> None:
        if change.name == "image_index":
            self.open_picture()
        if change.name in ("image_index", "target"):
            self._keep_challenge_open()
        if change.name == "mask":
            self._painting.strokes.put(self._brush.mask)
        # The network first: drawing can go on beside it.
        self._answering.ask()
        self._painting.draw()

    def _score(self, change: Any) -> None:
        if change.name == "goal":
            if self._origin.is_page:
                self._keep_challenge_open()
            self._answering.check_goal()
        self._answering.ask()

    def _keep_challenge_open(self) -> None:
        """Of another class or picture, the goal goes below where it starts."""
        if self._brush.goal is not None:
            with self._quietly():
                self._brush.goal = self._answering.goal_below_the_start()

    def _map(self, change: Any) -> None:
        partner = self._underlay.partner
        if partner is not None and change.name in LINKED:
            partner.follow(change.name, change.new, by_page=self._origin.is_page)
        self._underlay.lay()

    def _attempt(self, step: Callable[[Any], None], change: Any, about: str = "answer") -> None:
        goal = self._brush.goal
        try:
            step(change)
        except Exception as error:
            if self._origin.is_page:
                self._origin.tell(about, in_words(error))
                return
            self._take_back(change, goal)
            raise TraitError(f"{change.name} = {change.new!r:.200}: {in_words(error)}") from error

    def _take_back(self, change: Any, goal: float | None) -> None:
        answered = self._answering.answered
        if answered is not None:
            with self._quietly():
                if self._brush.image_index != answered.image_index:
                    self._brush.image_index = answered.image_index
                    self.open_picture()
                before = {"goal": goal, change.name: change.old, **vars(answered)}
                for name, value in before.items():
                    setattr(self._brush, name, value)
                self._painting.strokes.put(self._brush.mask)
                self._painting.draw()
        self._origin.tell("answer", "")
