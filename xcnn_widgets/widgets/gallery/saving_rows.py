"""Rows of results that outlive the kernel: nothing is computed, what was written down goes on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...datasets import WITHOUT_MODEL, StoredSource
from ...pages import GalleryAtlas, bytes_in_words
from ...study import counted
from ..worker import Job, Worker
from .carrying import carried_out
from .filing import Filing
from .view import GalleryView

# Of more, those on the page shown are saved unless others are asked for.
_MOST_IMAGES = 50


class SavingRows:
    """Fills an atlas with rows of results, as `Saving` does with what a model says.

    Parameters
    ----------
    screen
        The widget.
    source
        The results.
    worker
        Where the widget's pages are filled.
    atlas
        Where the rows go.
    filing
        Knows which pictures a word stands for.
    """

    def __init__(
        self,
        screen: GalleryView,
        source: StoredSource,
        *,
        worker: Worker,
        atlas: GalleryAtlas,
        filing: Filing,
    ) -> None:
        self._screen, self._source = screen, source
        self._worker, self._atlas, self._filing = worker, atlas, filing

    def precompute(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | str | None,
        *,
        trust: bool = False,
    ) -> int:
        """As `GalleryWidget.precompute`; what was not written is refused, and metrics that were are saved in any case.

        Raises
        ------
        RuntimeError
            If something is asked for that needs the model.
        """
        question = self._source.results.question
        beyond = [
            *({*(layers or ())} - {question.layer}),
            *({*(targets or ())} - {question.target}),
            *({*(methods or ())} - {*question.methods}),
            *(["trust"] if trust and not question.metrics else []),
        ]
        if beyond:
            raise RuntimeError(f"{', '.join(map(str, beyond))} is not saved; {WITHOUT_MODEL}")
        self._carry_out(images)
        return self._atlas.bytes

    def precompute_unless_saved(self, pictures: str | None) -> None:
        """Save what is usual, of the pictures that are asked for or else unless something was already.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        if self._atlas.indices and pictures is None:
            return
        if not self._carry_out(pictures):
            raise RuntimeError("saving rows was cancelled, so no page was written")

    def _carry_out(self, images: Sequence[int] | str | None) -> bool:
        """Save pictures; whether that came to its end."""
        screen = self._screen
        if images is None:
            images = "all" if self._source.count <= _MOST_IMAGES else "page"
        indices = self._filing.indices(images) if isinstance(images, str) else list(images)

        def ended() -> str:
            screen.present_atlas(self._atlas.state())
            saved = counted(len(self._atlas.indices))
            return f"{saved} saved, {bytes_in_words(self._atlas.bytes)}"

        return carried_out(
            screen,
            self._worker,
            f"Saving {counted(len(indices))} ...",
            lambda job: self._fill(job, indices),
            ended,
        )

    def _fill(self, job: Job, indices: Sequence[int]) -> None:
        question = self._source.results.question
        through = 0
        for rows in self._source.saved(indices, question.methods, job.cancelled):
            for row, facts, numbers in rows:
                self._add(row, facts, numbers, question.methods[:2])
            through += len(rows)
            with self._screen.turn():
                if self._worker.is_latest(job):
                    self._screen.progress = round(through / len(indices), 2)

    def _add(
        self,
        row: dict[str, Any],
        facts: dict[str, Any],
        numbers: dict[str, Any],
        pair: Sequence[str],
    ) -> None:
        index, maps = row["index"], row["maps"]
        self._atlas.add_picture(index, {**row, "maps": {}}, facts)
        apart = row["disagreement"]
        for name, state in maps.items():
            others = [other for other in pair if name in pair and other != name]
            known = {other: apart for other in others if apart is not None}
            self._atlas.add_map(index, name, state, known, None)
            told = {metric: by_method[name] for metric, by_method in numbers.items()}
            view = (name, state["layer"])
            self._atlas.measure(index, view, state["target"]["index"], told)
