"""Views that outlive the kernel: computed ahead, on another thread, for a page or for quick answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

from ...methods import METHODS
from ...pages import Atlas, Plan, bytes_in_words
from ...study import Choice, Exploration, Shown
from ..checks import checked, listed
from ..worker import Job, Worker

# Of more pictures, only the one shown is computed ahead unless others are asked for.
_MOST_IMAGES = 12


class Screen(Protocol):
    """What the saving knows of the widget."""

    status: str
    progress: float | None
    shown: Shown | None

    def choice(self) -> Choice:
        """What is chosen."""

    def present_atlas(self, state: dict[str, Any]) -> None:
        """Give all views that were computed ahead to every page."""


class Saving:
    """Fills an atlas with views, and says how large it becomes.

    Parameters
    ----------
    screen
        The widget.
    exploration, worker
        Those that answer the widget's choices.
    """

    def __init__(
        self, screen: Screen, exploration: Exploration, worker: Worker, atlas: Atlas
    ) -> None:
        self._screen = screen
        self._exploration = exploration
        self._worker = worker
        self._atlas = atlas

    def precompute(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
        classes: Literal["all"] | None = None,
    ) -> int:
        """As `ExplainerWidget.precompute`."""
        if classes not in (None, "all"):
            raise ValueError(
                f"classes is {classes!r}; expected 'all', or None for only those of `targets`"
            )
        plan = self._plan(layers, targets, methods, images)
        self._carry_out(replace(plan, every_class=classes == "all"))
        return self._atlas.bytes

    def precompute_unless_saved(self) -> None:
        """Compute the default views, unless there are some already.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        if not len(self._atlas) and not self._carry_out(self._plan(None, None, None, None)):
            raise RuntimeError("computing ahead was cancelled, so no page was written")

    def _plan(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
    ) -> Plan:
        shown = self._shown
        exploration, count = self._exploration, len(self._exploration.pictures)
        offered = [method.name for method in exploration.methods(shown.image_index)]
        quick = [name for name in offered if not METHODS[name].is_slow]
        known = exploration.layers(shown.image_index)
        everything = list(range(count)) if count <= _MOST_IMAGES else [shown.image_index]
        plan = Plan(
            everything if images is None else checked("images", images, range(count)),
            None if targets is None else listed("targets", targets),
            quick if methods is None else checked("methods", methods, offered),
            list(known) if layers is None else checked("layers", layers, known),
            shown.patch,
            shown.stride,
        )
        for target in plan.targets or []:
            exploration.class_index(target, shown.image_index)
        # The plain gradient of the input brings those of all layers with it.
        plan.methods.sort(key=lambda name: name != "saliency")
        return plan

    def _carry_out(self, plan: Plan) -> bool:
        """Compute what is planned; whether that came to its end."""
        screen, atlas = self._screen, self._atlas
        exploration, like = self._exploration, self._shown.image_index
        most = bytes_in_words(plan.most_bytes(atlas, exploration, like))
        screen.progress = 0.0
        screen.status = f"Saving up to {plan.views} views, at most about {most} ..."
        left_out: list[str] = []
        job = self._worker.start(lambda job: self._fill(job, plan, left_out))
        try:
            self._worker.wait_or_stop(job)
        finally:
            done = not job.cancelled()
            screen.progress = None
            screen.present_atlas(atlas.state())
            views = "1 view" if len(atlas) == 1 else f"{len(atlas)} views"
            if atlas.every_class:
                views += f" and {atlas.every_class.in_words}"
            saved = f"{views} saved, {bytes_in_words(atlas.bytes)}"
            screen.status = " ".join([f"{'' if done else 'Cancelled; '}{saved}.", *left_out])
        return done

    def _fill(self, job: Job, plan: Plan, left_out: list[str]) -> None:
        for share in plan.fill(self._atlas, self._exploration, job.cancelled, left_out):
            if self._worker.is_latest(job):
                self._screen.progress = round(share, 2)

    @property
    def _shown(self) -> Choice:
        shown = self._screen.shown
        return self._screen.choice() if shown is None else shown.choice
