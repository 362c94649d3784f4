"""A grid is one if a change of one place of the input shows at that place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import xcnn_widgets as xw

# 8 x 8 patches of 4 x 4 pixels.
SIDE, PATCH, CELLS = 32, 4, 8


class Tokens(nn.Module):
    """Patches as tokens, in some order, mixed a little, and read all together."""

    def __init__(self, order: Tensor) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches = nn.Conv2d(3, 6, PATCH, PATCH)
        self.block, self.head = nn.Linear(6, 6), nn.Linear(6, 3)
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)[:, self.order]
        tokens = tokens + self.block(tokens) + 0.1 * tokens.mean(dim=1, keepdim=True)
        scores: Tensor = self.head(self.block(tokens).mean(dim=1))
        return scores


def rows(cells: int = CELLS) -> Tensor:
    return torch.arange(cells * cells).reshape(cells, cells)


def morton() -> Tensor:
    """Windows of windows: two by two, in three steps, as masked models order them."""
    order = rows().reshape(2, 2, 2, 2, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return order.flatten()


ORDERS: dict[str, tuple[Callable[[], Tensor], bool]] = {
    "row by row": (lambda: rows().flatten(), True),
    "column by column": (rows().T.flatten, False),
    "from below": (lambda: rows().flip(0).flatten(), False),
    "from the right": (lambda: rows().flip(1).flatten(), False),
    "windows of 4 x 4": (
        lambda: rows().reshape(2, 4, 2, 4).permute(0, 2, 1, 3).flatten(),
        False,
    ),
    "windows of windows": (morton, False),
    "by chance": (
        lambda: torch.randperm(64, generator=torch.Generator().manual_seed(3)),
        False,
    ),
}


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ORDERS)
def test_tokens_are_a_grid_only_in_the_order_of_the_picture(name: str, picture: Tensor) -> None:
    order, is_grid = ORDERS[name]
    found = xw.target_layers(Tokens(order()), picture, "all")
    assert ("block" in " ".join(found)) is is_grid
    assert "patches" in found


def test_reshape_tells_by_hand_what_a_layer_does_not(picture: Tensor) -> None:
    order = morton()
    back = order.argsort()

    def reshape(output: Tensor) -> Tensor:
        return output[:, back].transpose(1, 2).reshape(len(output), -1, CELLS, CELLS)

    by_rows, by_windows = Tokens(rows().flatten()), Tokens(order)
    expected = xw.explain(by_rows, picture, target=1, layer="block:1").values
    found = xw.explain(by_windows, picture, target=1, layer="block:1", reshape=reshape).values
    torch.testing.assert_close(found, expected)
    with pytest.raises(ValueError, match="tell with reshape="):
        xw.explain(by_windows, picture, target=1, layer="block:1")
    with pytest.raises(ValueError, match=r"reshape made \(1, 64, 6\) of \(1, 64, 6\)"):
        xw.explain(by_windows, picture, target=1, layer="block:1", reshape=lambda output: output)


def test_steps_of_a_sequence_are_no_grid() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Conv2d(3, 16, 3, 2, 1)
            self.rows = nn.LSTM(256, 16, batch_first=True)
            self.head = nn.Linear(16, 3)

        def forward(self, x: Tensor) -> Tensor:
            steps, _ = self.rows(self.encoder(x).relu().permute(0, 2, 1, 3).flatten(2))
            scores: Tensor = self.head(steps[:, -1])
            return scores

    picture = torch.rand(1, 3, 32, 32)
    assert xw.target_layers(Reader(), picture, "all") == ["encoder"]
    with pytest.raises(ValueError, match="does not show at that place"):
        xw.explain(Reader(), picture, target=1, layer="rows")


def test_attention_weights_and_heads_are_no_maps() -> None:
    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches, self.soft = nn.Conv2d(3, 8, 4, 4), nn.Softmax(-1)
            self.heads, self.head = nn.Identity(), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            tokens = self.patches(x).flatten(2).transpose(1, 2)
            several = tokens.reshape(len(x), 64, 4, 2).transpose(1, 2)
            weights = self.soft(several @ several.transpose(2, 3))
            seen = self.heads(weights @ several * 1.0).transpose(1, 2).flatten(2)
            scores: Tensor = self.head((tokens + seen).mean(1))
            return scores

    picture = torch.rand(1, 3, 32, 32)
    assert xw.target_layers(Attending(), picture, "all") == ["patches"]


def test_a_spectrogram_may_be_much_wider_than_its_maps() -> None:
    # Strides that differ along the sides are still places of the picture.
    wide = nn.Sequential(
        nn.Conv2d(1, 4, (3, 9), stride=(2, 8), padding=(1, 4)), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2),
    )  # fmt: skip
    result = xw.explain(wide, torch.rand(1, 1, 32, 256), target=1)
    assert result.layer == "1" and result.values.shape == (1, 16, 32)

    class Folded(nn.Module):
        """Pieces of time one below the other: maps of another picture."""

        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            pieces = x.reshape(len(x), 1, 32, 8, 32).permute(0, 1, 3, 2, 4)[:, :, :2].flatten(2, 3)
            scores: Tensor = self.head(self.body(pieces[:, :, :32]).relu().mean((2, 3)))
            return scores

    assert xw.target_layers(Folded(), torch.rand(1, 1, 32, 256), "all") == []
