"""Floating tensors and arrays are inputs; what does not fit the model is a picture, or an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, TensorDataset
from torchvision.transforms import Compose, Grayscale, Lambda, Normalize, ToTensor

from xcnn_widgets.imaging.inputs import InputChannels, Trial, as_input
from xcnn_widgets.imaging.pictures import Pictures
from xcnn_widgets.imaging.prepared_pictures import PreparedPictures

HEIGHT, WIDTH = 12, 20


def opened(
    source: Any, channels: int | None, transform: Any = None, display: Any = None
) -> PreparedPictures:
    known = None if channels is None else InputChannels(channels)
    return PreparedPictures(source, transform, 2**20, display=display, channels=known)


def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
@pytest.mark.parametrize("known", [True, False])
def test_a_floating_tensor_is_the_input_at_its_own_size(
    channels: int, dtype: torch.dtype, known: bool
) -> None:
    tensor = torch.rand(channels, HEIGHT, WIDTH, dtype=dtype)
    prepared = opened(tensor, channels if known else None).prepared(0)
    assert torch.equal(prepared.input, tensor.float())
    assert prepared.picture.shape == (HEIGHT, WIDTH, 3)
    assert f"are the input as they are, {channels} x 12 x 20" in prepared.note


@pytest.mark.parametrize("factor", [1.0, 255.0, -3.0])
def test_a_batch_is_as_many_inputs_whatever_its_values(factor: float) -> None:
    batch = factor * torch.rand(4, 3, HEIGHT, WIDTH)
    batch[2] = 0.5
    found = opened(batch, 3)
    assert len(found.pictures) == 4
    for index in range(4):
        assert torch.equal(found.prepared(index).input, batch[index])


def test_an_array_has_its_channels_where_the_model_has_as_many() -> None:
    first = np.random.default_rng(1).random((6, HEIGHT, WIDTH))
    expected = torch.from_numpy(first).float()
    for array in (first, first.transpose(1, 2, 0)):
        assert torch.equal(opened(array, 6).prepared(0).input, expected)
        batch = opened(np.stack([array, 0 * array]), 6)
        assert torch.equal(batch.prepared(0).input, expected)
        assert not batch.prepared(1).input.any()


def test_an_array_whose_axes_could_both_be_channels_has_them_last() -> None:
    array = np.random.default_rng(1).random((3, WIDTH, 3))
    found = as_input(array, 3)
    assert found is not None
    assert torch.equal(found, torch.from_numpy(array).permute(2, 0, 1).float())
    assert as_input(np.zeros((3, HEIGHT, WIDTH))).shape == (3, HEIGHT, WIDTH)


def test_an_array_without_channels_is_one_input_of_a_model_that_takes_one() -> None:
    array = np.random.default_rng(1).random((HEIGHT, WIDTH)) * 16
    assert torch.equal(opened(array, 1).prepared(0).input[0], torch.from_numpy(array).float())


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_a_stack_without_channels_is_as_many_inputs_of_a_model_that_takes_one(kind: Any) -> None:
    digits = np.random.default_rng(1).random((5, 8, 9)) * 16
    found = opened(kind(digits), 1)
    assert len(found.pictures) == 5
    assert torch.equal(found.prepared(3).input, torch.from_numpy(digits[3:4]).float())
    grey = opened(kind((digits * 10).astype(np.uint8)), 1)
    assert len(grey.pictures) == 5
    levels = (digits[2] * 10).astype(np.uint8)
    torch.testing.assert_close(grey.prepared(2).input[0], torch.from_numpy(levels).float() / 255)


def test_what_a_dataset_yields_as_tensors_is_the_input_also_without_labels_and_with_more() -> None:
    images, labels = torch.rand(3, 3, HEIGHT, WIDTH), torch.tensor([2, 0, 1])
    for dataset in (
        TensorDataset(images),
        TensorDataset(images, labels),
        TensorDataset(images, labels, torch.zeros(3, 4)),
    ):
        found = opened(dataset, 3)
        assert torch.equal(found.prepared(1).input, images[1])
        expected = None if len(dataset.tensors) == 1 else 0
        assert found.pictures.label(1) == expected


def test_a_label_that_is_no_whole_number_is_kept_as_it_is() -> None:
    ages = TensorDataset(torch.rand(2, 3, HEIGHT, WIDTH), torch.tensor([57.3, 4.0]))
    assert Pictures(ages).label(0) == pytest.approx(57.3)


class Tensors(Dataset[Tensor]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Tensor:
        return ToTensor()(photo())


def test_a_plain_to_tensor_dataset_is_neither_resized_nor_normalised_and_shown_exactly() -> None:
    prepared = opened(Tensors(), 3).prepared(0)
    assert torch.equal(prepared.input, ToTensor()(photo()))
    np.testing.assert_array_equal(prepared.picture, photo())


def test_a_transform_is_not_applied_to_an_input_but_its_normalisation_is_undone_to_show_it() -> (
    None
):
    transform = Compose([ToTensor(), Normalize([0.1, 0.4, 0.7], [0.2, 0.3, 0.5])])
    inputs = transform(Image.fromarray(photo()))
    prepared = opened(inputs, 3, transform).prepared(0)
    assert torch.equal(prepared.input, inputs)
    np.testing.assert_array_equal(prepared.picture, photo())
    assert "the transform's normalisation undone" in prepared.note
    assert "the transform is for pictures" in prepared.note


def test_uint8_is_a_picture() -> None:
    for source in (photo(), torch.from_numpy(photo()).permute(2, 0, 1)):
        prepared = opened(source, 3).prepared(0)
        assert prepared.input.shape == (3, 224, 224)
        assert "no transform was given" in prepared.note
        assert "ImageNet" in prepared.note


@pytest.mark.parametrize("mode", ["L", "1", "LA", "I;16", "F"])
def test_a_grey_picture_reaches_a_model_of_one_channel_as_one_channel(mode: str) -> None:
    grey = np.array(Image.fromarray(photo()).convert("L"))
    picture = {
        "I;16": lambda: Image.fromarray(grey.astype(np.uint16) * 257),
        "F": lambda: Image.fromarray((grey / 255).astype(np.float32)),
    }.get(mode, lambda: Image.fromarray(grey).convert(mode))()
    assert picture.mode == mode
    expected = np.array(Image.fromarray(grey).convert("1").convert("L")) if mode == "1" else grey
    for transform in (None, ToTensor()):
        prepared = opened(picture, 1, transform).prepared(0)
        torch.testing.assert_close(prepared.input[0], torch.from_numpy(expected).float() / 255)
        np.testing.assert_array_equal(prepared.picture[..., 2], expected)


@pytest.mark.parametrize("transform", [None, ToTensor(), Compose([Grayscale(), ToTensor()])])
def test_a_coloured_picture_becomes_grey_for_a_model_of_one_channel(transform: Any) -> None:
    grey = np.array(Image.fromarray(photo()).convert("L"))
    prepared = opened(photo(), 1, transform).prepared(0)
    torch.testing.assert_close(prepared.input[0], torch.from_numpy(grey).float() / 255)
    np.testing.assert_array_equal(prepared.picture[..., 0], grey)


def test_a_transform_that_makes_its_own_grey_of_a_coloured_picture_is_left_to_it() -> None:
    green = Lambda(lambda picture: ToTensor()(picture)[1:2])
    assert torch.equal(opened(photo(), 1, green).prepared(0).input, ToTensor()(photo())[1:2])


def test_a_grey_picture_becomes_rgb_for_a_model_of_three_channels() -> None:
    grey = Image.fromarray(photo()).convert("L")
    expected = ToTensor()(grey)
    for transform in (ToTensor(), Lambda(lambda picture: ToTensor()(picture).repeat(3, 1, 1))):
        assert torch.equal(opened(grey, 3, transform).prepared(0).input, expected.expand(3, -1, -1))


def test_a_floating_picture_with_other_channels_than_the_model_is_read_as_a_picture() -> None:
    grey = np.random.default_rng(0).random((HEIGHT, WIDTH))
    assert opened(grey, 3, ToTensor()).prepared(0).input.shape == (3, HEIGHT, WIDTH)
    coloured = torch.rand(3, HEIGHT, WIDTH)
    assert opened(coloured, 1, ToTensor()).prepared(0).input.shape == (1, HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("source", "channels", "transform", "counts"),
    [
        (torch.rand(5, HEIGHT, WIDTH), 3, None, "5 channels, but the model takes 3 channels"),
        (torch.rand(3, HEIGHT, WIDTH), 6, None, "3 channels, but the model takes 6 channels"),
        (torch.randn(1, HEIGHT, WIDTH), 3, None, "1 channel, but the model takes 3 channels"),
        (photo(), 6, None, "3 channels, but the model takes 6 channels"),
        (photo(), 6, ToTensor(), "3 channels, but the model takes 6 channels"),
        (
            photo(),
            3,
            lambda picture: ToTensor()(picture)[[0, 1, 2, 0]],
            "4 channels, but the model takes 3 channels",
        ),
    ],
)
def test_a_wrong_number_of_channels_names_both_and_the_way_out(
    source: Any, channels: int, transform: Any, counts: str
) -> None:
    with pytest.raises(ValueError, match=counts) as error:
        opened(source, channels, transform).prepared(0)
    assert "transform=" in str(error.value)
    assert "display=" in str(error.value)


def test_the_error_names_the_picture_of_a_mapping() -> None:
    with pytest.raises(ValueError, match="scan 7: a tensor"):
        opened({"scan 7": torch.rand(5, HEIGHT, WIDTH)}, 3).prepared(0)


def test_what_the_model_runs_with_decides_over_what_its_weights_say() -> None:
    tried = []

    def takes_two(inputs: Tensor) -> Trial:
        tried.append(len(inputs))
        return Trial() if len(inputs) == 2 else Trial("no", 2)

    known = InputChannels(64, takes_two)
    found = PreparedPictures(
        [torch.rand(2, HEIGHT, WIDTH), torch.rand(2, WIDTH, HEIGHT), torch.rand(5, HEIGHT, WIDTH)],
        None,
        2**20,
        channels=known,
    )
    assert [found.prepared(i).input.shape[0] for i in range(2)] == [2, 2]
    assert tried == [2]
    with pytest.raises(ValueError, match=r"takes 2 channels \(it says: no\)"):
        found.prepared(2)


def test_what_the_model_wants_first_decides_how_a_picture_is_given_to_it() -> None:
    def takes_one(inputs: Tensor) -> Trial:
        return Trial() if len(inputs) == 1 else Trial("no", 1)

    found = PreparedPictures(photo(), None, 2**20, channels=InputChannels(64, takes_one))
    assert found.prepared(0).input.shape == (1, HEIGHT, WIDTH)


def test_display_shows_inputs_their_thumbnails_and_what_a_transform_made() -> None:
    def red(inputs: Tensor) -> np.ndarray:
        picture = np.zeros((*inputs.shape[1:], 3), np.uint8)
        picture[..., 0] = 255
        return picture

    six = Lambda(lambda picture: ToTensor()(picture).repeat(2, 1, 1))
    found = opened([torch.rand(6, HEIGHT, WIDTH), photo()], 6, six, display=red)
    for index in range(2):
        prepared = found.prepared(index)
        assert prepared.input.shape == (6, HEIGHT, WIDTH)
        assert (prepared.picture == [255, 0, 0]).all()
        assert "display=" in prepared.note
        assert found.normalisation(index) is None
    thumbnail = found.thumbnail(0)
    assert thumbnail is not None
    assert len(thumbnail) < 1000


def test_a_bad_display_is_said_of_the_picture_and_not_of_its_thumbnail() -> None:
    found = opened(torch.rand(6, HEIGHT, WIDTH), 6, display=(0, 1, 9))
    assert found.thumbnail(0) is None
    with pytest.raises(ValueError, match="channel 9"):
        found.prepared(0)


def test_the_normalisation_of_an_input_and_of_a_picture_is_known() -> None:
    normalised = Compose([ToTensor(), Normalize([0.1, 0.4, 0.7], [0.2, 0.3, 0.5])])
    found = opened([torch.rand(3, HEIGHT, WIDTH), photo()], 3, normalised)
    levels, transforms = found.normalisation(0), found.normalisation(1)
    assert levels is not None
    assert transforms is not None
    torch.testing.assert_close(levels.mixing, torch.eye(3))
    torch.testing.assert_close(transforms.mixing, torch.diag(1 / torch.tensor([0.2, 0.3, 0.5])))
