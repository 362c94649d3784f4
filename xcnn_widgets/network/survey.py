"""One recorded run of a model: the calls of its modules, and what its answer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .calls import Call, Watch
from .detections import is_detections
from .graph import AnswerEnd, answer_end
from .outputs import tensors_of
from .running import evaluating, run
from .subject import Subject
from .targets import Target, anchored, class_scores, require_gradient, scores


@dataclass(frozen=True, eq=False)
class Calls:
    """The calls of a run, in the order in which they ended, the model's own last.

    Attributes
    ----------
    all
        Every call.
    reaches_input
        Whether a gradient of the answer comes back to the input.
    cut
        The name of the first module behind which no gradient comes back; None if there is none.
    columns, ends_in
        The number of class scores, and the operation they come out of; None and ``unknown`` where
        it is not known where they are.
    """

    all: Sequence[Call]
    cut: str | None
    reaches_input: bool
    columns: int | None
    ends_in: AnswerEnd

    @property
    def gives_rows(self) -> bool:
        """Whether the model gives one row of class scores a sample, not a score for each place."""
        return self.columns is not None and self.ends_in != "dense"

    def worth_choosing(self, stages: Sequence[Call]) -> Sequence[Call]:
        """Those of some stages that tell something about what is explained; if none does, all."""
        telling = {*(self.all if self.gives_rows else self._before_scores())}
        return [call for call in stages if call.is_felt and call in telling] or stages

    def _before_scores(self) -> Sequence[Call]:
        """Those behind which weights still work: to see where scores are high explains nothing."""
        leaves = (n for n, call in enumerate(self.all) if call.weights and not call.children)
        return self.all[: max((n for n in leaves if self.all[n].counts), default=0)]


def calls_of(subject: Subject, inputs: Tensor, target: Target = None) -> Calls:
    """Run a model once, and note what every module did.

    Parameters
    ----------
    subject
        The model.
    inputs
        The batch to run it on.
    target
        What is explained: of a callable, what it makes of the output; else the class scores, or all
        that the model returns if it is not known where they are.
    """
    watch = Watch(subject, inputs)
    with torch.inference_mode(False), torch.enable_grad():
        leaf = inputs.detach().requires_grad_()
        with watch.watching():
            output = run(subject, leaf)
        roots = _roots(subject, output, len(inputs), target)
        reached = watch.conclude(roots, [tensor for _, tensor in tensors_of(output)])
        reaches_input = any(getattr(node, "variable", None) is leaf for node in reached)
        if callable(target):
            with evaluating(subject.parts.modules):
                watch.feel(roots)
        answered = _answered(subject, output, len(inputs))
    return Calls(tuple(watch.calls), watch.cut, reaches_input, *answered)


def _answered(subject: Subject, output: Any, samples: int) -> tuple[int | None, AnswerEnd]:
    """How many class scores there are, and which operation they come out of."""
    try:
        rows = class_scores(subject.logits(output, samples))
        is_dense = subject.finding.regions_of(output) is not None
    except (TypeError, ValueError):
        return None, "boxes" if is_detections(output) else "unknown"
    return rows.shape[1], "dense" if is_dense else answer_end(rows)


def _roots(subject: Subject, output: Any, samples: int, target: Target) -> list[Tensor]:
    if callable(target):
        score = scores(anchored(target, output, subject), output, samples)
        require_gradient(score)
        return [score]
    try:
        return [subject.logits(output, samples)]
    except (TypeError, ValueError):
        if subject.output is not None:
            raise
        return [tensor for _, tensor in tensors_of(output)]
