"""What was found out about a model is remembered for as long as the question is the same."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from xcnn_widgets.network import Subject, TwoSided, layers_of


class Forgetful(nn.Module):
    """Lets go of the reader of its scores while it runs, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 1)
        self.last = nn.Identity()
        self.readers = [TwoSided(False)]
        self.forgets = False

    def forward(self, x: Tensor) -> Tensor:
        if self.forgets:
            self.readers.clear()
        scores: Tensor = self.head(self.conv(x).relu().mean((2, 3)))
        return scores


def test_an_equal_question_whose_reader_is_gone_is_asked_anew() -> None:
    model, inputs = Forgetful().eval(), torch.rand(1, 3, 8, 8)
    first = layers_of(Subject.of(model, inputs, output=model.readers[0]))
    reader = TwoSided(False)
    assert reader == model.readers[0]
    assert layers_of(Subject.of(model, inputs, output=reader)) is first
    model.last, model.forgets = nn.Identity(), True
    found = layers_of(Subject.of(model, inputs, output=reader))
    assert found is not first
    assert model.readers == []
    assert found.offered == first.offered
    assert layers_of(Subject.of(model, inputs, output=reader)) is found
