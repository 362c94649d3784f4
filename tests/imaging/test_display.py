"""What is shown of an input: its true colours if they can be told, else false ones, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from xcnn_widgets.imaging.display import Display
from xcnn_widgets.imaging.normalisation import Normalisation, known_normalisations

HEIGHT, WIDTH = 6, 9


def levels(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(channels).integers(
        0, 256, (HEIGHT, WIDTH, channels), dtype=np.uint8
    )


def as_levels(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1).float() / 255


@pytest.mark.parametrize("channels", [1, 3])
def test_levels_from_0_to_1_are_shown_to_the_grey_level(channels: int) -> None:
    picture = levels(channels)
    shown = Display().shown(as_levels(picture))
    np.testing.assert_array_equal(shown.picture, np.broadcast_to(picture, (HEIGHT, WIDTH, 3)))
    assert shown.how == "as levels from 0 to 1"


@pytest.mark.parametrize("channels", [1, 3])
def test_levels_from_0_to_255_are_shown_to_the_grey_level(channels: int) -> None:
    picture = levels(channels)
    shown = Display().shown(255 * as_levels(picture))
    np.testing.assert_array_equal(shown.picture, np.broadcast_to(picture, (HEIGHT, WIDTH, 3)))
    assert shown.how == "as levels from 0 to 255"


@pytest.mark.parametrize("channels", [1, 3])
def test_each_known_normalisation_is_told_from_the_others_by_whole_levels(channels: int) -> None:
    picture = levels(channels)
    for name, normalisation in known_normalisations(channels).items():
        mixed = torch.einsum(
            "cr,rhw->chw", normalisation.mixing, as_levels(picture).expand(3, -1, -1)
        )
        shown = Display().shown(normalisation.offset[:, None, None] + mixed)
        assert shown.how == f"with {name} undone"
        np.testing.assert_array_equal(shown.picture, np.broadcast_to(picture, (HEIGHT, WIDTH, 3)))
        assert shown.normalisation is not None


def test_the_transforms_own_normalisation_comes_before_those_that_are_known() -> None:
    picture = levels()
    own = Normalisation.of([0.4, 0.5, 0.6], [0.3, 0.2, 0.1])
    inputs = own.offset[:, None, None] + own.mixing.sum(1)[:, None, None] * as_levels(picture)
    shown = Display().shown(inputs, [own])
    np.testing.assert_array_equal(shown.picture, picture)
    assert shown.how == "with the transform's normalisation undone"


def test_what_lies_between_minus_one_and_one_and_is_not_whole_is_shown_from_black_to_white() -> (
    None
):
    inputs = torch.linspace(-1, 1, 3 * HEIGHT * WIDTH).reshape(3, HEIGHT, WIDTH)
    shown = Display().shown(inputs)
    assert (shown.picture.min(), shown.picture.max()) == (0, 255)
    assert shown.how == "with the normalisation to [-1, 1] undone"


@pytest.mark.parametrize("values", [(-50.0, 50.0), (0.0, 16.0), (-1024.0, 3071.0)])
def test_other_values_are_stretched_and_said(values: tuple[float, float]) -> None:
    inputs = torch.linspace(*values, HEIGHT * WIDTH).reshape(1, HEIGHT, WIDTH)
    shown = Display().shown(inputs)
    expected = np.round(np.linspace(0, 255, HEIGHT * WIDTH)).reshape(HEIGHT, WIDTH)
    assert np.abs(shown.picture[..., 0] - expected).max() <= 1
    assert shown.how == "stretched from the least to the greatest value"
    assert shown.normalisation is None


def test_of_two_channels_the_first_is_shown_in_grey() -> None:
    inputs = torch.stack([torch.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).float()] * 2)
    inputs[1] *= 100
    shown = Display().shown(inputs)
    assert (shown.picture[0, 0, 0], shown.picture[-1, -1, 0]) == (0, 255)
    assert (shown.picture == shown.picture[..., :1]).all()
    assert "channel 0 of its 2, in grey" in shown.how


def test_of_six_channels_the_first_three_are_stretched_together() -> None:
    inputs = torch.zeros(6, HEIGHT, WIDTH)
    inputs[0, 0, 0], inputs[1, 0, 0], inputs[5] = 4.0, 2.0, 1000.0
    shown = Display().shown(inputs)
    assert shown.picture[0, 0].tolist() == [255, 128, 0]
    assert "channels 0, 1 and 2 of its 6" in shown.how
    assert "display=" in shown.how


def test_three_channel_numbers_choose_red_green_and_blue() -> None:
    inputs = torch.zeros(6, HEIGHT, WIDTH)
    inputs[5, 0, 0], inputs[3, 0, 0] = 4.0, 1.0
    shown = Display([5, 0, 3]).shown(inputs)
    assert shown.picture[0, 0].tolist() == [255, 0, 64]
    assert shown.how.startswith("by channels 5, 0 and 3 of its 6")


def test_a_callable_paints_the_picture_and_may_work_in_place() -> None:
    def painted(inputs: Tensor) -> np.ndarray:
        inputs *= 2
        return inputs[[4, 2, 0]].permute(1, 2, 0).byte().numpy()

    inputs = torch.arange(5.0)[:, None, None].expand(5, HEIGHT, WIDTH).clone()
    before = inputs.clone()
    shown = Display(painted).shown(inputs)
    assert shown.picture[0, 0].tolist() == [8, 4, 0]
    assert shown.how == "by display="
    assert torch.equal(inputs, before)


def test_a_callable_may_return_a_tensor_or_a_pil_picture() -> None:
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[..., 0] = 255
    for returned in (red, torch.from_numpy(red), Image.fromarray(red)):
        shown = Display(lambda inputs, made=returned: made).shown(torch.zeros(5, HEIGHT, WIDTH))
        np.testing.assert_array_equal(shown.picture, red)


@pytest.mark.parametrize(
    ("painter", "hint"),
    [
        (lambda inputs: inputs.numpy(), r"returned float32 \(5, 6, 9\).*uint8 \(6, 9, 3\)"),
        (lambda inputs: np.zeros((9, 6, 3), np.uint8), r"uint8 \(9, 6, 3\).*uint8 \(6, 9, 3\)"),
        (lambda inputs: inputs[7], "failed on an input of 5 x 6 x 9: IndexError"),
    ],
)
def test_a_callable_that_returns_no_picture_of_that_size_is_named(
    painter: Callable[[Tensor], Any], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        Display(painter).shown(torch.zeros(5, HEIGHT, WIDTH))


@pytest.mark.parametrize("wrong", [(1, 2), "rgb", 3, (0, 1, -2), (0.0, 1, 2), (True, 1, 2)])
def test_what_is_neither_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="three channel numbers"):
        Display(wrong)  # type: ignore[arg-type]


def test_a_channel_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="channel 7, but the input has 5 channels, 0 to 4"):
        Display((0, 1, 7)).shown(torch.zeros(5, HEIGHT, WIDTH))


def test_a_constant_input_outside_the_levels_is_black() -> None:
    assert Display().shown(torch.full((1, HEIGHT, WIDTH), -7.0)).picture.max() == 0
