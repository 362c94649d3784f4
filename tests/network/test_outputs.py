"""Class scores are what is called so, or what alone can be; else a model is asked for them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from xcnn_widgets.network.outputs import logits_of

SCORES, FEATURES = torch.rand(2, 3), torch.rand(2, 3)
MAPS = torch.rand(2, 4, 5, 6)


@dataclass
class Answer:
    features: Tensor
    logits: Tensor


class Pair(NamedTuple):
    embedding: Tensor
    out: Tensor


FOUND: dict[str, Any] = {
    "a tensor": SCORES,
    "logits by key": {"features": FEATURES, "logits": SCORES},
    "out by key": OrderedDict(out=SCORES, aux=FEATURES),
    "logits of a dataclass": Answer(FEATURES, SCORES),
    "out of a named tuple": Pair(FEATURES, SCORES),
    "the only tensor": [None, {"deep": (SCORES,)}],
    "the only one with two dimensions": (MAPS, SCORES),
    "an object": SimpleNamespace(maps=MAPS, answer=SCORES),
}


@pytest.mark.parametrize("name", FOUND)
def test_scores_are_found_as(name: str) -> None:
    assert logits_of(FOUND[name], samples=2) is SCORES


def test_where_several_could_be_meant_an_error_names_them() -> None:
    message = r"several tensors \(\[0\] \(2, 3\), \[1\] \(2, 3\)\).*output="
    with pytest.raises(ValueError, match=message):
        logits_of((FEATURES, SCORES))
    with pytest.raises(ValueError, match=r"\['b'\]\[0\] \(2, 3\)"):
        logits_of({"a": FEATURES, "b": [SCORES]})


@pytest.mark.parametrize(
    ("output", "chosen"),
    [
        ((FEATURES, SCORES), 1),
        ({"features": FEATURES, "scores": SCORES}, "scores"),
        (Pair(FEATURES, SCORES), "out"),
        (SimpleNamespace(a=FEATURES, b=SCORES), "b"),
        ((FEATURES, [SCORES]), lambda output: output[1][0]),
    ],
)
def test_output_chooses(output: Any, chosen: Any) -> None:
    assert logits_of(output, chosen, 2) is SCORES


def test_a_choice_that_does_not_fit_says_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"output='score': .* its tensors are \['scores'\]"):
        logits_of({"scores": SCORES}, "score")
    with pytest.raises(TypeError, match=r"output=0 found str; expected a tensor"):
        logits_of(("yes", SCORES), 0)
    with pytest.raises(ValueError, match=r"shape \(3,\) for 2 inputs"):
        logits_of((SCORES[0],), 0, 2)
    with pytest.raises(TypeError, match="returned str, in which no logits were found"):
        logits_of("cat")
