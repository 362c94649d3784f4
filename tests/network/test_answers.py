"""What a model ends in follows from its graph, whatever values come out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xcnn_widgets import explain
from xcnn_widgets.network import TwoSided, answer_of


class Ends(nn.Module):
    """A network whose last step is a given function of its logits ``(B, 3)``."""

    def __init__(self, last: Callable[[Tensor], Tensor], classes: int = 3) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, classes)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.head(self.conv(x).relu().mean((2, 3))))


INPUTS = torch.rand(2, 3, 9, 14)


@pytest.mark.parametrize(
    ("last", "ends_in"),
    [
        (lambda z: z, "scores"),
        (lambda z: 100 * z + 3, "scores"),
        (lambda z: z.tanh(), "scores"),
        (lambda z: F.log_softmax(z, 1), "scores"),
        (lambda z: z * z.sigmoid(), "scores"),
        (lambda z: (z.softmax(1) * z).sum(1, keepdim=True), "scores"),
        (lambda z: z.softmax(1), "softmax"),
        (lambda z: F.log_softmax(z, 1).exp(), "softmax"),
        (lambda z: z.softmax(-1).view(-1, 3).double(), "softmax"),
        (lambda z: (z.softmax(1) + (2 * z).softmax(1)) / 2, "softmax"),
        (lambda z: torch.stack([z.softmax(1), (-z).softmax(1)]).mean(0), "softmax"),
        (lambda z: z.sigmoid(), "sigmoid"),
        (lambda z: torch.cat([z[:, :1].sigmoid(), z[:, 1:].sigmoid()], 1), "sigmoid"),
        (lambda z: z.sigmoid()[:, 1:], "sigmoid"),
        (lambda z: 1 - z[:, :1].sigmoid(), "sigmoid"),
        (lambda z: z.softmax(1)[:, 2:], "sigmoid"),
        (lambda z: 1 + 4 * z.sigmoid(), "unknown"),
        (lambda z: z.softmax(1) + z, "unknown"),
    ],
)
def test_the_last_operation_is_seen_in_the_graph(
    last: Callable[[Tensor], Tensor], ends_in: str
) -> None:
    columns, found = answer_of(Ends(last), INPUTS)
    assert found == ends_in
    assert columns == Ends(last)(INPUTS).shape[1]


def test_a_flat_answer_is_one_column() -> None:
    assert answer_of(Ends(lambda z: z[:, 0].sigmoid()), INPUTS) == (1, "sigmoid")


def test_what_scripted_code_ends_in_is_not_guessed() -> None:
    def softly(z: Tensor) -> Tensor:
        return z.softmax(1)

    scripted = torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(378, 3), nn.Softmax(1)))
    with torch.no_grad():
        scripted(INPUTS)
    columns, ends_in = answer_of(scripted, INPUTS)
    # Its profiling runs leave torch's own nodes, its optimised ones a node that hides them.
    assert columns == 3
    assert ends_in in ("softmax", "unknown")
    assert answer_of(Ends(softly), INPUTS) == (3, "softmax")


def test_where_no_class_scores_are_found_there_are_no_columns() -> None:
    assert answer_of(Ends(lambda z: (z, 2 * z)), INPUTS) == (None, "unknown")  # type: ignore[arg-type,return-value]


def test_of_one_score_for_two_classes_the_first_is_its_negative() -> None:
    model = Ends(lambda z: z, classes=1)
    score = explain(model, INPUTS, "saliency", 0, output=TwoSided(is_probability=False))
    positive = explain(model, INPUTS, "saliency", 1, output=TwoSided(is_probability=False))
    plain = explain(model, INPUTS, "saliency", 0)
    assert score.logits is not None
    torch.testing.assert_close(score.logits, torch.cat([-model(INPUTS), model(INPUTS)], 1).detach())
    torch.testing.assert_close(positive.values, plain.values)
    torch.testing.assert_close(score.values, -plain.values)
    leaf = INPUTS.clone().requires_grad_()
    maps = model.conv(leaf)
    (gradient,) = torch.autograd.grad(-model.head(maps.relu().mean((2, 3))).sum(), maps)
    by_hand = (gradient.mean((2, 3), keepdim=True) * maps).sum(1).relu()
    cam = explain(model, INPUTS, target=0, layer="conv", output=TwoSided(is_probability=False))
    torch.testing.assert_close(cam.values, by_hand.detach())
