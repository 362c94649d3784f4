"""Layers are offered where they lie between the input and the answer, whatever else a model has."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw


class Twin(nn.Module):
    """One encoder, run on the input and on a picture of the model's own, or on the input twice."""

    def __init__(self, *, mirrored: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.head = nn.Conv2d(3, 8, 3), nn.Linear(16, 2)
        self.own, self.mirrored = torch.rand(1, 3, 16, 20), mirrored

    def forward(self, x: Tensor) -> Tensor:
        other = x.flip(3) if self.mirrored else self.own
        both = [self.encoder(x).mean((2, 3)), self.encoder(other).mean((2, 3))]
        scores: Tensor = self.head(torch.cat([both[0], both[1].expand(len(x), -1)], 1))
        return scores


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(1, 3, 16, 20, generator=torch.Generator().manual_seed(1))


def cam_by_hand(activation: Tensor, weights: Tensor) -> Tensor:
    """Grad-CAM before a global pooling and one linear layer."""
    cells = activation[0, 0].numel()
    return (weights[None, :, None, None] / cells * activation).sum(1).relu().detach()


def test_of_a_layer_that_runs_twice_the_call_on_the_input_is_meant(picture: Tensor) -> None:
    model = Twin()
    assert xw.target_layers(model, picture) == ["encoder"]
    expected = cam_by_hand(model.encoder(picture), model.head.weight[1, :8])
    torch.testing.assert_close(
        xw.explain(model, picture, target=1, layer="encoder").values, expected
    )
    kept = xw.ForwardPass(model, picture, ["encoder"]).activation("encoder")
    torch.testing.assert_close(kept, model.encoder(picture).detach())


def test_of_several_calls_on_the_input_each_has_a_name(picture: Tensor) -> None:
    model = Twin(mirrored=True)
    # The second lies over the mirrored picture, not over the picture.
    assert xw.target_layers(model, picture, "all") == ["encoder:0"]
    expected = cam_by_hand(model.encoder(picture), model.head.weight[1, :8])
    found = xw.explain(model, picture, target=1, layer="encoder:0").values
    torch.testing.assert_close(found, expected)
    with pytest.raises(ValueError, match=r"'encoder' runs 2 times .* 'encoder:0', 'encoder:1'"):
        xw.explain(model, picture, target=1, layer="encoder")
    with pytest.raises(ValueError, match=r"'encoder:1' .*does not show at that place"):
        xw.explain(model, picture, target=1, layer="encoder:1")


def test_a_relu_that_is_reused_is_no_layer_to_choose(picture: Tensor) -> None:
    class Reusing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two, self.relu = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.relu(self.two(self.relu(self.one(x)))).mean((2, 3))

    assert xw.target_layers(Reusing(), picture, "all") == ["one", "two"]


class Branches(nn.Module):
    """A head, and a decoder that has no part in the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head, self.decoder = nn.Conv2d(3, 8, 3), nn.Linear(8, 2), nn.Conv2d(3, 3, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(self.body(x).relu().mean((2, 3))), self.decoder(x)


def test_a_branch_beside_the_answer_is_offered_only_to_who_asks_for_it(picture: Tensor) -> None:
    model = Branches()
    assert xw.target_layers(model, picture, "all") == ["body"]
    assert xw.default_layer(model, picture) == "body"
    message = r"'decoder' does not lie between the input and what is explained.*'body'"
    with pytest.raises(ValueError, match=message):
        xw.explain(model, picture, target=1, layer="decoder")

    def decoded(output: tuple[Tensor, Tensor]) -> Tensor:
        return output[1][:, 0].sum((1, 2))

    assert xw.target_layers(model, picture, target=decoded) == ["decoder"]
    found = xw.explain(model, picture, target=decoded, layer="decoder")
    torch.testing.assert_close(found.values, model.decoder(picture)[:, 0].relu().detach())


def test_a_detached_part_is_named(picture: Tensor) -> None:
    class Detaching(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.detach()

    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), Detaching(), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    with pytest.raises(ValueError, match="no gradient comes back behind its module '1'"):
        xw.explain(model, picture, target=1)
    with pytest.raises(ValueError, match="carries no gradient"):
        xw.explain(model, picture, "saliency", 1)


@pytest.mark.parametrize("heads", [7, 12])
def test_many_heads_take_time_that_grows_with_their_number(picture: Tensor, heads: int) -> None:
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Conv2d(3, 8, 3)
            self.heads = nn.ModuleList(
                nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)) for _ in range(heads)
            )

        def forward(self, x: Tensor) -> Tensor:
            found = self.body(x).relu().mean((2, 3))
            return torch.cat([head(found) for head in self.heads], 1)

    # Dividing containers in every order, twelve heads would take years.
    assert xw.target_layers(Heads(), picture) == ["body"]


def test_a_model_that_needs_its_whole_batch_is_looked_at_with_it(picture: Tensor) -> None:
    class Holding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head, self.facts = (
                nn.Conv2d(3, 8, 3),
                nn.Linear(10, 2),
                torch.rand(2, 2),
            )

        def forward(self, x: Tensor) -> Tensor:
            scores: Tensor = self.head(torch.cat([self.body(x).mean((2, 3)), self.facts], 1))
            return scores

    model, inputs = Holding(), picture.repeat(2, 1, 1, 1)
    result = xw.explain(model, inputs, target=1)
    assert result.layer == "body"
    expected = cam_by_hand(model.body(inputs), model.head.weight[1, :8])
    torch.testing.assert_close(result.values, expected)


def test_inputs_get_the_type_of_the_weight_that_they_meet(picture: Tensor) -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(8, 2)
            self.body = nn.Conv2d(3, 8, 3).double()

        def forward(self, x: Tensor) -> Tensor:
            scores: Tensor = self.head(self.body(x).mean((2, 3)).float())
            return scores

    result = xw.explain(Mixed(), picture, "saliency", 1)
    assert result.values.dtype is torch.float64
