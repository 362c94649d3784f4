"""What a person asks beside the classes: one pixel, or why one class rather than another."""

from __future__ import annotations

from typing import Any, Protocol

from traitlets import Bunch, TraitError

from ...network import Contrast, contrast, pixel
from ...study import Exploration, Shown


class Screen(Protocol):
    """What the pointing knows of the widget."""

    image_index: int
    target: Any
    pixel: Any
    rather_than: Any

    @property
    def exploration(self) -> Exploration:
        """The model that is asked, with its pictures."""

    @property
    def shown(self) -> Shown | None:
        """The answer that stands on the pages."""


class Pointing:
    """Turns a pixel that was pointed at, or a second class, into the target that is explained.

    Parameters
    ----------
    screen
        The widget.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        # The target that each of the two stands for now, and what was asked for it.
        self._stands_for: dict[str, int | None] = {"pixel": None, "rather_than": None}
        self._asked: dict[str, Any] = {"pixel": None, "rather_than": None}

    def follow(self, change: Bunch) -> None:
        """Answer a change of ``pixel`` or ``rather_than``; another ``target`` or picture takes both back.

        Raises
        ------
        TraitError
            If there is no such pixel or class.
        """
        if change.name == "image_index":
            # A place on one picture is none on another.
            is_box = self._screen.exploration.answers_on(change.new).reading.finds_boxes
            if is_box or self._screen.pixel is not None:
                self._screen.target = None
            return
        if change.name == "target":
            for name, target in self._stands_for.items():
                if target is not None and target != change.new:
                    self._stands_for[name] = self._asked[name] = None
                    setattr(self._screen, name, None)
            return
        if change.new == self._asked[change.name]:
            return
        ask = self._pixel if change.name == "pixel" else self._contrast
        try:
            target = None if change.new is None else ask(change.new)
        except (TypeError, ValueError) as error:
            # What is shown stays.
            setattr(self._screen, change.name, self._asked[change.name])
            raise TraitError(f"{change.name} = {change.new!r}: {error}") from error
        self._asked[change.name] = change.new
        if change.new is None and self._stands_for[change.name] is not None:
            target = self._first() if change.name == "rather_than" else None
            self._stands_for[change.name] = None
            self._screen.target = target
        elif target is not None:
            self._stands_for[change.name] = target
            self._screen.target = target

    def _pixel(self, at: Any) -> int:
        exploration, index = self._screen.exploration, self._screen.image_index
        regions = exploration.said.regions(index)
        if regions is None:
            raise ValueError("the model gives no class for each pixel")
        row, column = (int(each) for each in at)
        height, width = exploration.prepared(index).input.shape[-2:]
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(f"the picture has {height} x {width} pixels, counted from 0")
        h, w = regions.predicted.shape[1:]
        there = int(
            regions.predicted[
                0, (2 * row + 1) * h // (2 * height), (2 * column + 1) * w // (2 * width)
            ]
        )
        answers, target = exploration.answers, pixel(row, column, max(there, 0))
        name = f"{answers.name(max(there, 0))} at pixel ({row}, {column})"
        return answers.class_count + answers.targets.add(target, name)

    def _contrast(self, other: Any) -> int:
        exploration, first = self._screen.exploration, self._first()
        answers = exploration.answers_on(self._screen.image_index)
        second = answers.index(other)
        if max(first, second) >= answers.class_count or answers.reading.finds_boxes:
            raise ValueError("only two classes can be held against each other")
        if first == second:
            raise ValueError("it is the class that is explained; choose another one")
        name = f"{answers.name(first)} rather than {answers.name(second)}"
        return answers.class_count + answers.targets.add(contrast(first, second), name)

    def _first(self) -> int:
        """The class explained, also where it is held against another one already."""
        shown = self._screen.shown
        assert shown is not None
        target: int = shown.map["target"]["index"]
        asked = self._screen.exploration.answers.asked(target)
        return asked.a if isinstance(asked, Contrast) else target
