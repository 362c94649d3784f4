"""Offered is what the answer passes, not the branches of which a block makes its result."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.network.layouts import Layout, possible_layouts


class Attention(nn.Module):
    """Every place asks every place, through convolutions of one cell; and a step aside that shifts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.queries, self.keys = nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 1)
        self.values = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        queries, keys = self.queries(x).flatten(2), self.keys(x).flatten(2)
        weights = (queries.transpose(1, 2) @ keys).softmax(2)
        mixed: Tensor = (self.values(x).flatten(2) @ weights.transpose(1, 2)).flip(2)
        return mixed.reshape(x.shape)


class Mixes(nn.Module):
    """Two convolutions, and an attention that leaves no place where it was."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1))
        self.attention = Attention(8)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.attention(self.stem(x)).square().mean((2, 3)))
        return scores


class Exchange(nn.Module):
    """A block of two branches: it takes a list and returns one."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        fine, coarse = branches
        larger = nn.functional.interpolate(coarse, scale_factor=2)
        return [self.first(fine) + larger, self.second(coarse)]


class TwoBranches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.down = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.exchange, self.head = Exchange(), nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.stem(x)
        branches = self.exchange([fine, self.down(fine)])
        scores: Tensor = self.head(torch.cat([each.mean((2, 3)) for each in branches], 1))
        return scores


class SharedWithoutWeights(nn.Module):
    """Tokens pass one module without weights twice, which is no place to choose."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.drop = nn.Conv2d(3, 8, 8, 8), nn.Dropout(0.1)
        self.mix, self.head = nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.stem(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([tokens.new_zeros(len(x), 1, 8), tokens], 1)
        tokens = self.drop(self.mix(self.drop(tokens * 2) * 2).tanh() + tokens)
        scores: Tensor = self.head(tokens.mean(1))
        return scores


@pytest.fixture
def picture() -> Tensor:
    return torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(1))


def test_queries_and_keys_of_a_block_that_lies_over_no_grid_are_not_offered(
    picture: Tensor,
) -> None:
    offered = xw.target_layers(Mixes(), picture)
    assert offered
    assert not [name for name in offered if name.startswith("attention")]
    assert "attention.queries" in xw.target_layers(Mixes(), picture, "all")


def test_of_a_block_that_returns_a_list_the_first_tensor_is_explained(picture: Tensor) -> None:
    model = TwoBranches()
    assert "exchange" in xw.target_layers(model, picture, "all")
    fine = model.stem(picture)
    activation = model.exchange([fine, model.down(fine)])[0].detach()
    # Before a mean and one linear layer the gradient is the same at each cell.
    weights = model.head.weight[1, :8] / activation[0, 0].numel()
    expected = (weights[None, :, None, None] * activation).sum(1).relu().detach()
    found = xw.explain(model, picture, target=1, layer="exchange").values
    torch.testing.assert_close(found, expected)


def test_a_module_that_is_shared_does_not_stop_the_search(picture: Tensor) -> None:
    offered = xw.target_layers(SharedWithoutWeights(), picture)
    assert offered
    assert not [name for name in offered if name.startswith("drop")]


def test_channels_are_not_taken_for_rows() -> None:
    inputs = torch.zeros(1, 3, 64, 96)
    maps = nn.Conv2d(3, 27, 3)(torch.zeros(1, 3, 3, 4))
    # Whatever module returns them: a convolution made them.
    assert possible_layouts(maps, inputs) == [Layout("channels_first", 27, (1, 2))]
    # 27 rows and one column do not lie over 64 x 96.
    assert possible_layouts(maps.detach(), inputs) == [Layout("channels_first", 27, (1, 2))]
