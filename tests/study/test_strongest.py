"""Where the channels of a layer answer most, and what they see there; numbers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms import ToTensor

from xcnn_widgets.study import (
    Exploration,
    Place,
    StrongestPlaces,
    cell_box,
    receptive_field,
)

HEIGHT, WIDTH = 12, 16


def never() -> bool:
    return False


def reddest() -> nn.Sequential:
    """Channel 0 answers with red, channel 1 with blue; 3 x 3 of every second pixel, then 3 x 3."""
    first, second = nn.Conv2d(3, 2, 3, stride=2, padding=1), nn.Conv2d(2, 2, 3, padding=1)
    with torch.no_grad():
        first.weight.zero_()
        first.weight[0, 0], first.weight[1, 2] = 1.0, 1.0
        second.weight.zero_()
        second.weight[0, 0], second.weight[1, 1] = 1.0, 1.0
        first.bias.zero_()
        second.bias.zero_()
    head = nn.Linear(2, 2)
    return nn.Sequential(
        first, nn.ReLU(), second, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head
    ).eval()


def dot(row: int, column: int, colour: tuple[int, int, int]) -> np.ndarray[Any, Any]:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[row, column] = colour
    return picture


@pytest.fixture
def exploration() -> Exploration:
    """Reds that grow, and one blue."""
    pictures = {f"red {i}": dot(6, 8, (20 * (i + 1), 0, 0)) for i in range(11)}
    pictures["blue"] = dot(4, 4, (0, 0, 255))
    return Exploration(reddest(), pictures, ["a", "b"], transform=ToTensor())


def test_the_nine_with_the_greatest_answers_come_the_strongest_first(exploration):
    places = StrongestPlaces(exploration, "3")
    assert list(places.look(never))[-1] == 1
    red, blue = places.of(0), places.of(1)
    assert [place.image_index for place in red] == list(range(10, 1, -1))
    assert red[0].value == pytest.approx(220 / 255)
    assert blue[0].image_index == 11
    assert [place.value for place in blue[1:]] == [0] * 8
    # Of equal answers the first picture's comes first.
    assert [place.image_index for place in blue[1:]] == list(range(8))


def test_what_was_cancelled_goes_on_where_it_was_left(exploration):
    places = StrongestPlaces(exploration, "3")
    read: list[int] = []
    prepared = exploration.prepared

    def count(index: int) -> Any:
        read.append(index)
        return prepared(index)

    exploration.prepared = count
    assert list(places.look(lambda: len(read) >= 5)) == []
    assert places.seen == 0
    list(places.look(never))
    assert places.seen == 12
    before = len(read)
    assert list(places.look(never)) == []
    assert len(read) == before


def test_a_receptive_field_is_what_the_gradient_reaches(exploration):
    # The cell (3, 4) of the grid 6 x 8: cells 2..4 x 3..5 below it, pixels 3..9 x 5..11 below those.
    # Of a unit that a ReLU holds at 0 nothing comes through: all pixels are lit.
    white = Exploration(
        reddest(), np.full((HEIGHT, WIDTH, 3), 255, np.uint8), ["a", "b"], transform=ToTensor()
    )
    box = receptive_field(white, "3", 0, Place(0, 3 * 8 + 4, 1.0))
    assert (box.top, box.left, box.height, box.width) == (3, 5, 7, 7)
    # At the edge it is cut off.
    corner = receptive_field(white, "3", 1, Place(0, 0, 1.0))
    assert (corner.top, corner.left, corner.height, corner.width) == (0, 0, 4, 4)
    one_layer = receptive_field(white, "1", 0, Place(0, 3 * 8 + 4, 1.0))
    assert (one_layer.top, one_layer.left, one_layer.height, one_layer.width) == (5, 7, 3, 3)


def test_a_unit_that_pools_over_the_picture_sees_all_of_it():
    class Squeezed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 2, 3, padding=1), nn.Linear(2, 2)
            self.act = nn.Identity()

        def forward(self, x):
            x = self.conv(x)
            return self.head(self.act(x * x.mean(dim=(2, 3), keepdim=True)).mean(dim=(2, 3)))

    torch.manual_seed(0)
    picture = np.random.default_rng(0).integers(1, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    exploration = Exploration(Squeezed(), picture, ["a", "b"], transform=ToTensor(), layers=["act"])
    box = receptive_field(exploration, "act", 0, Place(0, 20, 1.0))
    assert (box.top, box.left, box.height, box.width) == (0, 0, HEIGHT, WIDTH)


def test_of_an_answer_that_can_grow_no_more_the_field_is_that_of_a_paler_copy():
    first, head = nn.Conv2d(3, 1, 3, padding=1), nn.Linear(1, 2)
    with torch.no_grad():
        first.weight.fill_(1)
        first.bias.zero_()
    parts = first, nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head
    picture = dot(5, 7, (255, 255, 255))
    picture[4:7, 6:9] = 255
    exploration = Exploration(
        nn.Sequential(*parts).eval(), picture, ["a", "b"], transform=ToTensor(), layers=["1"]
    )
    places = StrongestPlaces(exploration, "1")
    list(places.look(never))
    (strongest,) = places.of(0)
    assert strongest.value == 6
    box = receptive_field(exploration, "1", 0, Place(0, 5 * WIDTH + 7, 6.0))
    assert (box.top, box.left, box.height, box.width) == (4, 6, 3, 3)


def test_what_no_pixel_moves_has_no_field(exploration):
    assert receptive_field(exploration, "3", 1, Place(0, 0, 0.0)) is None


def test_a_cell_lies_on_its_part_of_the_picture():
    assert cell_box(3 * 8 + 4, (6, 8), (12, 24)) == (6, 12, 2, 3)


def test_pictures_of_other_sizes_and_broken_ones_are_no_hindrance(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    from PIL import Image

    for number, size in enumerate([(16, 12), (20, 12), (16, 12)]):
        picture = np.full((size[1], size[0], 3), 50 * (number + 1), np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    exploration = Exploration(reddest(), tmp_path, ["a", "b"], transform=ToTensor())
    places = StrongestPlaces(exploration, "3")
    list(places.look(never))
    assert (places.seen, len(places.failures)) == (4, 1)
    names = [exploration.pictures.name(place.image_index) for place in places.of(0)]
    assert [name.split(".")[0] for name in names] == ["2", "1", "0"]


def test_what_is_kept_does_not_grow_with_the_pictures():
    pictures = [dot(6, 8, (i % 255, 0, 0)) for i in range(300)]
    exploration = Exploration(reddest(), pictures, ["a", "b"], transform=ToTensor())
    places = StrongestPlaces(exploration, "3")
    sizes = {len(places.of(0)) for _ in places.look(never) if places.seen >= 9}
    assert sizes == {9}
    assert [place.image_index for place in places.of(0)] == list(range(254, 245, -1))
