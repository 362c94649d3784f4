"""Ahead of the hand: what is likely asked next is answered while nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from ...methods import method_named
from ...network import cancelled_by
from ...study import Choice, Exploration
from ..between_cells import Ours, Times, between_cells
from ..torch_threads import leave_a_core
from ..worker import Job, Worker

# A hand that still moves is not slowed down; seconds.
_PAUSE = 0.1


class Ahead:
    """Answers likely questions one by one, until somebody asks one.

    Parameters
    ----------
    explored
        From a choice to where its answer is found later.
    times
        Says when a step may be done.
    """

    def __init__(self, explored: Callable[[Choice], Exploration], times: Times) -> None:
        self._explored = explored
        self._times = times
        self._worker = Worker("xcnn-ahead")

    @classmethod
    def of(cls, widget: Ours, explored: Callable[[Choice], Exploration]) -> Ahead:
        """One that works while no cell runs, and makes way for what code does about the widget."""
        times = between_cells()
        times.let_through(widget)
        return cls(explored, times)

    def after(self, choice: Choice) -> None:
        """Begin, now that a person looks at a choice."""
        self._worker.start(lambda job: self._work(job, choice))

    def stop(self) -> None:
        """Leave off, also in the middle of an answer."""
        self._worker.cancel()

    def wait(self, timeout: float | None = None) -> None:
        """Block until everything likely is answered, or was left off."""
        self._worker.wait(timeout)

    def _work(self, job: Job, choice: Choice) -> None:
        if job.cancelled_within(_PAUSE):
            return
        leave_a_core()
        exploration = self._explored(choice)
        for question in likely_next(exploration, choice):
            # A cell, or a look that is chosen, only interrupts it.
            while not self._answered(job, exploration, question):
                if job.cancelled_within(_PAUSE):
                    return

    def _answered(self, job: Job, exploration: Exploration, question: Choice) -> bool:
        """Whether an answer was come to, or found to fail, and not left off."""
        with self._times.step() as may:

            def is_over() -> bool:
                return job.cancelled() or not may()

            if not is_over():
                # What fails here fails again, and is told, when somebody asks for it.
                with suppress(Exception), cancelled_by(is_over):
                    exploration.explain(question)
            return not is_over()


def likely_next(exploration: Exploration, choice: Choice) -> Iterator[Choice]:
    """What a person asks after a choice, the likeliest first: another layer, another of the top classes, the next picture."""
    method, index = method_named(choice.method), choice.image_index
    if method.is_slow or not exploration.keeps(index):
        return
    if method.uses_layer:
        # One backward pass to the first layer passes by all others.
        yield from (replace(choice, layer=layer) for layer in exploration.layers(index))
    for prediction in exploration.predictions(index):
        yield replace(choice, target=prediction.index)
    following = replace(choice, image_index=index + 1, target=None)
    if following.image_index < len(exploration.pictures) and exploration.has_room:
        yield following
