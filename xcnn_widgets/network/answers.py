"""What a model answers with, and one score that stands for two classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from .graph import AnswerEnd
from .layers import layers_of
from .outputs import OutputChoice, logits_of
from .subject import Subject
from .targets import Target, class_scores

# What turns class scores into what people read.
Activation = Literal["softmax", "sigmoid", "none"]
ACTIVATIONS: tuple[Activation, ...] = ("softmax", "sigmoid", "none")


def answer_of(
    model: nn.Module, inputs: Tensor | tuple[Tensor, ...], **call: Any
) -> tuple[int | None, AnswerEnd]:
    """How many class scores a model gives, and which operation they come out of.

    Found in the same recorded run as the layers; parameters and errors as of `target_layers`.

    Returns
    -------
    columns
        The number of classes; None where it is not known which part of the output holds them.
    ends_in
        ``softmax``, ``sigmoid``, ``scores`` or ``unknown``, as `answer_end` says; ``dense`` for a score
        at each pixel, as of a segmentation network; ``boxes`` for what a detector returns.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(1))
    >>> answer_of(net, torch.rand(1, 3, 8, 12))
    (2, 'softmax')
    """
    layers = layers_of(Subject.of(model, inputs, **call))
    return layers.columns, layers.ends_in


@dataclass(frozen=True)
class Limits:
    """What a model does not let us see.

    Attributes
    ----------
    gradients
        Whether a gradient of the answer comes back to the input.
    relus
        Whether backward rules see the ReLUs, which scripted and compiled code hides.
    """

    gradients: bool
    relus: bool

    @classmethod
    def of(
        cls,
        model: nn.Module,
        inputs: Tensor | tuple[Tensor, ...],
        *,
        target: Target = None,
        **call: Any,
    ) -> Limits:
        """Those of a model; parameters and errors as of `target_layers`."""
        subject = Subject.of(model, inputs, **call)
        return cls(layers_of(subject, target).reaches_input, subject.hidden_relus is None)


@dataclass(frozen=True)
class TwoSided:
    """Class scores for two classes of a model that has one: minus the score, and the score.

    Attributes
    ----------
    is_probability
        Whether the model's score is the probability of the second class; the first has the rest of it.
    output
        Where the score is in the model's output, as `logits_of` takes it.

    Examples
    --------
    >>> TwoSided(False)(torch.tensor([[2.0]])), TwoSided(True)(torch.tensor([[0.75]]))
    (tensor([[-2.,  2.]]), tensor([[0.2500, 0.7500]]))
    """

    is_probability: bool
    output: OutputChoice = None

    def __call__(self, output: Any) -> Tensor:
        """From a model's whole output to ``(B, 2)``."""
        score = class_scores(logits_of(output, self.output))
        other = 1 - score if self.is_probability else -score
        return torch.cat([other, score], dim=1)
