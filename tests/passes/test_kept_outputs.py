"""A layer's output is kept as the layer returned it, and in later runs without a copy where nobody writes into it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.network.relu_rules import BACKWARD_RULES, BackwardRule
from xcnn_widgets.passes.forward_pass import ForwardPass


class Switched(nn.Module):
    """Counts its runs, and writes into what its layer returned if told to."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.after, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Linear(4, 2)
        self.writes, self.runs, self.was_given = False, 0, 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        maps = self.layer(x)
        if self.writes:
            maps.clamp_(min=0)
        self.was_given = maps.data_ptr()
        scores: Tensor = self.head(self.after(maps).mean(dim=(2, 3)))
        return scores


def kept(forward: ForwardPass, layer: str) -> Tensor:
    return forward._recording.outputs[layer]


def test_only_the_first_run_copies_what_nobody_writes_into(inputs: Tensor) -> None:
    model = Switched()
    first = ForwardPass(model, inputs, ["layer"])
    assert kept(first, "layer").data_ptr() != model.was_given
    second = ForwardPass(model, inputs, ["layer"])
    assert kept(second, "layer").data_ptr() == model.was_given
    assert model.runs == 2
    torch.testing.assert_close(
        second.activation("layer"), first.activation("layer"), rtol=0, atol=0
    )
    torch.testing.assert_close(
        second.gradient(1, "layer"), first.gradient(1, "layer"), rtol=0, atol=0
    )


def test_a_model_that_begins_to_write_is_run_once_more(inputs: Tensor) -> None:
    model = Switched()
    for _ in range(2):
        ForwardPass(model, inputs, ["layer"])
    model.runs, model.writes = 0, True
    expected = model.layer(inputs).detach()
    assert expected.min() < 0
    for runs in (2, 3, 4):
        forward = ForwardPass(model, inputs, ["layer"])
        assert model.runs == runs
        torch.testing.assert_close(forward.activation("layer"), expected)
        alive = (expected > 0).float()
        weights = model.head.weight[1] @ model.after.weight[:, :, 0, 0]
        by_hand = weights.detach()[:, None, None] / alive[0, 0].numel() * alive
        torch.testing.assert_close(forward.gradient(1, "layer"), by_hand)


def test_what_a_model_writes_over_in_its_next_run_is_recorded_anew(inputs: Tensor) -> None:
    class Remembering(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)
            self.last: Tensor | None = None

        def forward(self, x: Tensor) -> Tensor:
            if self.last is not None:
                self.last.detach().zero_()
            self.last = self.layer(x)
            scores: Tensor = self.head(self.last.relu().mean(dim=(2, 3)))
            return scores

    model = Remembering()
    for _ in range(3):
        forward = ForwardPass(model, inputs, ["layer"])
        gradient = forward.gradient(1, "layer")
        ForwardPass(model, 2 * inputs, ["layer"])
        torch.testing.assert_close(forward.activation("layer"), model.layer(inputs).detach())
        torch.testing.assert_close(forward.gradient(1, "layer"), gradient)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("in_place", [True, False])
def test_what_somebody_else_holds_may_be_written_over(
    inputs: Tensor, in_place: bool, exact: bool
) -> None:
    class Holding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.relu, self.head = nn.Conv2d(3, 4, 3), nn.ReLU(in_place), nn.Linear(4, 2)
            self.relu.register_forward_hook(self._hold)
            self.runs = 0

        def _hold(self, _layer: nn.Module, _args: object, output: Tensor) -> None:
            self.held = output

        def forward(self, x: Tensor) -> Tensor:
            self.runs += 1
            maps = self.relu(self.conv(x))
            scores: Tensor = self.head(maps.sigmoid().mean(dim=(2, 3)))
            self.held.detach().sub_(1)
            return scores

    model = Holding()
    # The first run shows it; an inexact one that was not as expected is watched once more.
    for runs in (2, 1, 1):
        model.runs = 0
        forward = ForwardPass(model, inputs, ["relu"], exact=exact)
        assert model.runs == runs
        torch.testing.assert_close(forward.activation("relu"), model.conv(inputs).relu().detach())


def test_a_batch_that_is_watched_is_not_run_once_more(inputs: Tensor) -> None:
    model = Switched()
    for _ in range(3):
        ForwardPass(model, inputs, ["layer"], exact=False)
    model.runs, model.writes = 0, True
    forward = ForwardPass(model, inputs, ["layer"], exact=False)
    assert model.runs == 1
    torch.testing.assert_close(forward.activation("layer"), model.layer(inputs).detach())


def test_two_names_of_one_output_have_one_gradient(inputs: Tensor) -> None:
    block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1))
    head = nn.Linear(4, 2)
    model = nn.Sequential(block, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    for _ in range(3):
        forward = ForwardPass(model, inputs, ["0", "0.1"])
        found = forward.gradients(1, ["0", "0.1", None])
        cells = found["0"][0, 0].numel()
        by_hand = (head.weight[1].detach() / cells)[:, None, None].expand_as(found["0"])
        torch.testing.assert_close(found["0"], by_hand)
        torch.testing.assert_close(found["0.1"], by_hand)


def test_who_reads_what_a_layer_wrote_over_reads_its_output(inputs: Tensor) -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.relu = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            maps = self.conv(x)
            after = self.relu(maps)
            # `maps` holds the ReLU's output by now.
            return (after + 2 * maps).mean(dim=(2, 3))

    model = Residual()
    for _ in range(3):
        forward = ForwardPass(model, inputs, ["relu"])
        activation = forward.activation("relu")
        assert activation.min() == 0
        by_hand = torch.zeros_like(activation)
        by_hand[:, 1] = 3 / activation[0, 0].numel()
        torch.testing.assert_close(forward.gradient(1, "relu"), by_hand)


@pytest.mark.parametrize("rule", BACKWARD_RULES)
def test_later_runs_answer_as_the_first_did(inputs: Tensor, rule: BackwardRule) -> None:
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU()),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 5),
    )
    layers = ["0.0", "0.1", "0.2", "0", "1", "2", "3.0", "3"]
    places = [None, *layers]
    first = ForwardPass(model, inputs, layers).gradients(2, places, rule)
    for _ in range(2):
        later = ForwardPass(model, inputs, layers)
        found = later.gradients(2, places, rule)
        for place in places:
            torch.testing.assert_close(found[place], first[place], rtol=0, atol=0)
