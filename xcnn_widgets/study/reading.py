"""How a model's numbers are read: as one choice, as labels each by itself, or as they are."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..network import ACTIVATIONS, Activation, AnswerEnd


@dataclass(frozen=True)
class Reading:
    """What turns class scores into what people read.

    Attributes
    ----------
    activation
        ``softmax``: one of the classes holds. ``sigmoid``: each holds or not, by itself.
        ``none``: the numbers stand for themselves.
    is_applied
        Whether the model ends in that already, so that its numbers are read as they are.
    is_two_sided
        Whether the model's one score stands for two classes: the first class has minus the score.
    choices
        The activations that make sense for this model.
    why
        What it was told from, in words.
    tells_areas
        Whether the model predicts a class for each pixel: a class is told with its share of the picture.
    finds_boxes
        Whether it is a detector: what it found is told, each with its own score.
    """

    activation: Activation
    is_applied: bool
    is_two_sided: bool
    choices: tuple[Activation, ...]
    why: str
    tells_areas: bool = False
    finds_boxes: bool = False

    @property
    def gives_probabilities(self) -> bool:
        """Whether what is read is a probability, a share of the picture, or a detector's score."""
        return self.activation != "none" or self.tells_areas or self.finds_boxes

    @property
    def has_winner(self) -> bool:
        """Whether one class holds and the others do not."""
        is_choice = self.activation == "softmax" or self.tells_areas or self.finds_boxes
        return is_choice or (self.is_two_sided and self.gives_probabilities)

    def read(self, scores: Tensor) -> Tensor:
        """Class scores ``(B, classes)`` as people read them, ``float32``."""
        scores = scores.float()
        if self.is_applied or self.activation == "none":
            return scores
        # Of a score and its negative, the sigmoids add up to one.
        each = self.activation == "sigmoid" or self.is_two_sided
        return scores.sigmoid() if each else scores.softmax(dim=1)


def reading_of(
    columns: int, ends_in: AnswerEnd, names: int | None, said: Activation | None = None
) -> Reading:
    """How to read a model's class scores.

    Parameters
    ----------
    columns
        How many there are.
    ends_in
        The model's last operation; see `answer_of`.
    names
        How many class names there are; None if none are known.
    said
        What a person says.

    Raises
    ------
    ValueError
        If `said` is no activation, or does not go with what the model ends in.

    Examples
    --------
    >>> reading_of(1000, "scores", 1000).why
    "one choice, by a softmax of the model's scores"
    >>> reading_of(1, "scores", 2).is_two_sided
    True
    >>> reading_of(1, "scores", None).activation
    'none'
    """
    if ends_in == "dense":
        return Reading(
            "none", True, False, ("none",), "share of the picture predicted as each", True
        )
    if ends_in == "boxes":
        why = "what the detector found, with its scores"
        return Reading("none", True, False, ("none",), why, finds_boxes=True)
    two_sided = columns == 1 and names == 2
    choices = _choices(columns, ends_in, two_sided=two_sided)
    if said is None:
        chosen = _likeliest(columns, ends_in, names, choices)
    elif said not in ACTIVATIONS:
        raise ValueError(
            f"{said!r}: expected {', '.join(map(repr, ACTIVATIONS))}, or None to find out"
        )
    elif said == "softmax" and columns == 1 and not two_sided:
        raise ValueError(
            "'softmax': the model gives one score, of which a softmax is always 1; give two "
            "class_names if it stands for two classes, or choose 'sigmoid' or 'none'"
        )
    elif said not in choices and not two_sided:
        raise ValueError(
            f"{said!r}: the model ends in a {ends_in} already; choose one of "
            f"{', '.join(map(repr, choices))}"
        )
    else:
        chosen = "sigmoid" if two_sided and said == "softmax" else said
    applied = chosen != "none" and ends_in in ("softmax", "sigmoid")
    return Reading(
        chosen, applied, two_sided, choices, _why(chosen, ends_in, said, two_sided=two_sided)
    )


def _choices(columns: int, ends_in: AnswerEnd, *, two_sided: bool) -> tuple[Activation, ...]:
    if ends_in in ("softmax", "sigmoid"):
        return ("softmax" if ends_in == "softmax" and columns > 1 else "sigmoid", "none")
    if two_sided or columns == 1:
        return ("sigmoid", "none")
    return ACTIVATIONS


def _likeliest(
    columns: int, ends_in: AnswerEnd, names: int | None, choices: tuple[Activation, ...]
) -> Activation:
    if ends_in == "unknown" or (
        columns == 1 and names != 2 and not (names and ends_in != "scores")
    ):
        return "none"
    return choices[0]


def _why(
    chosen: Activation, ends_in: AnswerEnd, said: Activation | None, *, two_sided: bool
) -> str:
    if chosen == "none":
        if ends_in == "unknown" and said is None:
            return (
                "plain scores: what the model ends in cannot be seen, so no probability is told; "
                "say activation='softmax', 'sigmoid' or 'none'"
            )
        return "plain scores, no probabilities"
    applied = "the model's own {}" if ends_in == chosen else "a {} of the model's scores"
    if two_sided:
        return f"two classes from one score, by {applied.format('sigmoid')}"
    kind = "one choice" if chosen == "softmax" else "each class by itself"
    return f"{kind}, by {applied.format(chosen)}"
