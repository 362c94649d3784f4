"""Inputs that metrics have in common go through the model once: counted, one row of a batch after the other."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets import ForwardPass, explain
from xcnn_widgets.methods import method_named
from xcnn_widgets.metrics import (
    RowMetrics,
    Scored,
    deletion,
    deletion_of,
    faithfulness,
    insertion,
    insertion_of,
    road,
    road_of,
)

STEPS, CUTS = 20, 9
# Deletion's end and insertion's begin are the same for all maps of a picture.
A_MAP = 2 * (STEPS - 1) + 2 * CUTS
TARGETS = [1, 3]


class Counting(nn.Module):
    """Keeps every picture that it is asked about."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen += [*x.detach().clone()]
        return self.inner(x)

    @property
    def passed_twice(self) -> int:
        """How many pictures were asked about again."""
        return len(self.seen) - len({one.numpy().tobytes() for one in self.seen})


@pytest.fixture
def counting(model: nn.Module, inputs: Tensor) -> Counting:
    """A model of which all is known that is found out once a model."""
    counting = Counting(model).eval()
    faithfulness(counting, inputs, ["grad_cam"], ["deletion"], layer="inner.2")
    counting.seen.clear()
    return counting


@pytest.fixture
def heat(inputs: Tensor) -> Tensor:
    return torch.rand(2, 8, 12, generator=torch.Generator().manual_seed(2))


def test_maps_of_the_same_inputs_share_the_untouched_and_the_filled_ones(
    counting: Counting, inputs: Tensor, heat: Tensor
) -> None:
    scored = Scored.of_model(counting, inputs, TARGETS)
    for one in (heat, 1 - heat.square() * heat.roll(3, 2)):
        deletion_of(scored, one)
        insertion_of(scored, one)
        road_of(scored, one)
    assert len(counting.seen) == 2 * (1 + 2 + 2 * A_MAP)
    assert counting.passed_twice == 0


def test_what_is_shared_is_what_each_metric_finds_alone(
    counting: Counting, inputs: Tensor, heat: Tensor
) -> None:
    scored = Scored.of_model(counting, inputs, TARGETS)
    deletion_of(scored, heat.flip(1))
    insertion_of(scored, heat.flip(1))
    for together, alone in (
        (deletion_of(scored, heat).scores, deletion(counting, inputs, heat, TARGETS).scores),
        (insertion_of(scored, heat).scores, insertion(counting, inputs, heat, TARGETS).scores),
        (road_of(scored, heat).combined, road(counting, inputs, heat, TARGETS).combined),
    ):
        torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)


def test_one_fill_for_both_curves_is_passed_once(
    counting: Counting, inputs: Tensor, heat: Tensor
) -> None:
    scored = Scored.of_model(counting, inputs, TARGETS)
    deletion_of(scored, heat, fill="blur")
    insertion_of(scored, heat, fill="blur")
    assert len(counting.seen) == 2 * (1 + 1 + 2 * (STEPS - 1))
    # A fill that leaves the inputs as they are is no news either.
    deletion_of(scored, heat, fill=lambda x: x, steps=1)
    assert len(counting.seen) == 2 * (1 + 1 + 2 * (STEPS - 1))


def test_columns_of_a_row_use_the_pass_that_made_their_maps(
    counting: Counting, inputs: Tensor, heat: Tensor
) -> None:
    forward = ForwardPass(counting, inputs, ["inner.2"])
    asked = RowMetrics(forward, (1, 3))
    for one in (heat, heat.flip(1)):
        for name in ("deletion", "insertion", "road"):
            asked.of(name, one, method_named("grad_cam"), "inner.2")
    assert len(counting.seen) == 2 * (1 + 2 + 2 * A_MAP)
    assert counting.passed_twice == 0


def test_a_table_records_one_pass_for_all_methods_and_passes_nothing_twice(
    counting: Counting, inputs: Tensor
) -> None:
    names = ["grad_cam", "hires_cam", "saliency", "guided_backprop"]
    found = faithfulness(counting, inputs, names, target=TARGETS, layer="inner.0")
    assert len(counting.seen) == 2 * (1 + 2 + len(found.rows) * A_MAP)
    assert counting.passed_twice == 0
    maps = explain(counting, inputs, "hires_cam", TARGETS, "inner.0").heatmaps()
    alone = deletion(counting, inputs, maps, TARGETS).area
    torch.testing.assert_close(torch.from_numpy(found.values[1, 0]).float(), alone)


def test_metrics_that_read_other_scores_share_nothing_wrong(
    counting: Counting, inputs: Tensor
) -> None:
    found = faithfulness(
        counting,
        inputs,
        ["grad_cam"],
        ["deletion", "insertion"],
        [],
        layer="inner.2",
        target=TARGETS,
        options={"deletion": {"activation": "none"}, "insertion": {"steps": 5}},
    )
    maps = explain(counting, inputs, "grad_cam", TARGETS, "inner.2").heatmaps()
    for column, alone in enumerate(
        (
            deletion(counting, inputs, maps, TARGETS, activation="none"),
            insertion(counting, inputs, maps, TARGETS, steps=5),
        )
    ):
        torch.testing.assert_close(torch.from_numpy(found.values[0, column]).float(), alone.area)


def test_a_picture_s_numbers_do_not_depend_on_its_batch(model: nn.Module) -> None:
    inputs = torch.randn(5, 3, 8, 12, generator=torch.Generator().manual_seed(7))
    alone, pairs, fast = (
        faithfulness(model, inputs, ["saliency"], target=[0, 1, 2, 3, 0], batch=batch).values
        for batch in (1, 2, None)
    )
    assert torch.from_numpy(alone).std(dim=2).min() > 0
    torch.testing.assert_close(torch.from_numpy(pairs), torch.from_numpy(alone), rtol=0, atol=1e-5)
    torch.testing.assert_close(torch.from_numpy(fast), torch.from_numpy(alone), rtol=0, atol=1e-5)
