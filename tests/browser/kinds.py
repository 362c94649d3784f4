"""The kinds of networks that people bring, as explorers to open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

import xcnn_widgets as xw

from ..models.kinds import (
    CHOICE,
    LABELS,
    REGIONS,
    TwoPlaces,
    one_choice,
    one_logit,
    quarter,
    regression,
    segmenter,
    several_labels,
    two_things,
)

OF_EACH_PICTURE = "of each picture"


@dataclass(frozen=True)
class Kind:
    """A network with a picture, and what people read of it."""

    network: Callable[[], nn.Module]
    picture: Tensor
    names: Sequence[str] | None
    rows: Sequence[tuple[str, str]]
    """The rows of the class list: a name, and what is said of it."""
    reading: str
    """How that is read, in words."""
    status: str
    note: str
    target: int | None = None

    def explorer(self) -> xw.ExplainerWidget:
        """Show it, its picture named "it"."""
        chosen: dict[str, Any] = {} if self.target is None else {"target": self.target}
        return xw.ExplainerWidget(self.network(), {"it": self.picture}, self.names, **chosen)


CHOSEN = [
    ("Predicted class", OF_EACH_PICTURE),
    ("cat", "60.0%"),
    ("dog", "30.0%"),
    ("bird", "10.0%"),
]
AS_ONE_CHOICE = "One choice, by a softmax of the model's scores."

KINDS = {
    "one logit": Kind(
        one_logit,
        quarter(),
        ["benign", "malignant"],
        [("Predicted class", OF_EACH_PICTURE), ("benign", "88.1%"), ("malignant", "11.9%")],
        "Two classes from one score, by a sigmoid of the model's scores.",
        "for benign (88.1%)",
        "3 x 40 x 56, shown as levels from 0 to 1",
    ),
    "several labels": Kind(
        several_labels,
        quarter(),
        LABELS,
        [("boat", "95.0%"), ("sea", "87.5%"), ("sky", "75.0%"), ("street", "10.0%")],
        "Each class by itself, by the model's own sigmoid.",
        "for boat (95.0%)",
        "3 x 40 x 56, shown as levels from 0 to 1",
    ),
    "regression": Kind(
        regression,
        quarter(),
        None,
        [("score", "57.3")],
        "Plain scores, no probabilities.",
        "for score (57.3)",
        "3 x 40 x 56, shown as levels from 0 to 1",
    ),
    "one channel": Kind(
        lambda: one_choice(1),
        quarter(1),
        CHOICE,
        CHOSEN,
        AS_ONE_CHOICE,
        "for cat (60.0%)",
        "1 x 40 x 56, shown as levels from 0 to 1",
    ),
    "six channels": Kind(
        lambda: one_choice(6),
        quarter(6),
        CHOICE,
        CHOSEN,
        AS_ONE_CHOICE,
        "for cat (60.0%)",
        "6 x 40 x 56, shown by channels 0, 1 and 2 of its 6 as red, green and blue, "
        "stretched from the least to the greatest value; display= chooses others",
    ),
    "segmentation": Kind(
        segmenter,
        3 * quarter(1),
        REGIONS,
        [
            ("Largest region", OF_EACH_PICTURE),
            ("skin", "75.0%"),
            ("lesion", "25.0%"),
            ("hair", "0.0%"),
        ],
        "Share of the picture predicted as each.",
        "for lesion (25.0%)",
        "1 x 40 x 56, shown stretched from the least to the greatest value",
        target=0,
    ),
    "detection": Kind(
        TwoPlaces,
        two_things(),
        ["background", "cat", "dog"],
        [
            ("Surest box", OF_EACH_PICTURE),
            ("cat, box 0", "90.0%"),
            ("dog, box 1", "60.0%"),
        ],
        "What the detector found, with its scores.",
        "for cat, box 0 (90.0%)",
        "1 x 40 x 56, shown as levels from 0 to 1",
    ),
}
