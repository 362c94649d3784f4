"""Signals and volumes are inputs as they are, or what a transform makes; the rest is an error."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import Tensor
from torch.utils.data import TensorDataset

from xcnn_widgets.imaging.inputs import InputChannels, as_input
from xcnn_widgets.imaging.prepared_pictures import PreparedPictures
from xcnn_widgets.imaging.volumes import mosaic

SIZES = {1: (30,), 3: (5, 12, 18)}


def opened(
    source: Any, channels: int, dimensions: int, transform: Any = None, display: Any = None
) -> PreparedPictures:
    known = InputChannels(channels, dimensions=dimensions)
    return PreparedPictures(source, transform, 2**20, display=display, channels=known)


@pytest.mark.parametrize("dimensions", SIZES)
@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_a_floating_tensor_is_the_input(dimensions: int, channels: int, dtype: torch.dtype) -> None:
    inputs = torch.rand(channels, *SIZES[dimensions], dtype=dtype)
    found = opened(inputs, channels, dimensions)
    assert len(found.pictures) == 1
    prepared = found.prepared(0)
    assert torch.equal(prepared.input, inputs.float())
    assert prepared.size == SIZES[dimensions]
    assert " x ".join(map(str, inputs.shape)) in prepared.note


@pytest.mark.parametrize("dimensions", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_batches_lists_and_datasets_hold_many(dimensions: int, channels: int) -> None:
    batch = torch.rand(4, channels, *SIZES[dimensions])
    labels = torch.tensor([2, 0, 1, 2])
    sources: list[Any] = [batch, batch.numpy(), [*batch], {"a": batch[0], "b": batch[1]}]
    for source in [*sources, TensorDataset(batch, labels)]:
        found = opened(source, channels, dimensions)
        assert len(found.pictures) == (2 if isinstance(source, dict) else 4)
        assert torch.equal(found.prepared(1).input, batch[1])
    assert found.pictures.label(3) == 2
    assert found.pictures.name(3) == {1: "signal 3", 3: "volume 3"}[dimensions]


@pytest.mark.parametrize("dimensions", SIZES)
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_a_model_of_one_channel_takes_inputs_without_it(dimensions: int, kind: Any) -> None:
    values = np.random.default_rng(0).random((4, *SIZES[dimensions])).astype(np.float32)
    one, many = opened(kind(values[0]), 1, dimensions), opened(kind(values), 1, dimensions)
    assert (len(one.pictures), len(many.pictures)) == (1, 4)
    assert torch.equal(one.prepared(0).input, torch.from_numpy(values[:1]))
    assert torch.equal(many.prepared(2).input, torch.from_numpy(values[2:3]))


@pytest.mark.parametrize("dimensions", SIZES)
def test_an_array_has_its_channels_where_the_model_has_as_many(dimensions: int) -> None:
    first = np.random.default_rng(1).random((2, *SIZES[dimensions]))
    found = as_input(np.moveaxis(first, 0, -1), 2, dimensions)
    assert found is not None
    assert torch.equal(found, torch.from_numpy(first).float())


def test_a_clip_of_three_channels_has_its_colours_and_one_channel_is_grey() -> None:
    frames = np.random.default_rng(2).integers(0, 256, (5, 12, 18, 3), dtype=np.uint8)
    clip = torch.from_numpy(frames).permute(3, 0, 1, 2).float() / 255
    np.testing.assert_array_equal(opened(clip, 3, 3).prepared(0).picture, frames)
    grey = opened(clip[:1], 1, 3).prepared(0).picture
    np.testing.assert_array_equal(grey, np.repeat(frames[..., :1], 3, axis=3))


def test_all_slices_are_stretched_alike() -> None:
    volume = torch.zeros(1, 2, 3, 4)
    volume[0, 0], volume[0, 1], volume[0, 1, 0, 0] = -10, 30, 50
    picture = opened(volume, 1, 3).prepared(0).picture
    assert picture.shape == (2, 3, 4, 3)
    assert (picture[0] == 0).all()
    assert picture[1, 0, 0].tolist() == [255] * 3
    assert picture[1, 2, 3].tolist() == [170] * 3


def test_display_chooses_channels_or_paints_each_slice() -> None:
    volume = torch.rand(6, 5, 12, 18)
    chosen = opened(volume, 6, 3, display=(5, 0, 2)).prepared(0)
    low, high = volume[[5, 0, 2]].min(), volume[[5, 0, 2]].max()
    expected = ((volume[5, 3] - low) / (high - low) * 255 + 0.5).floor()
    np.testing.assert_array_equal(chosen.picture[3, :, :, 0], expected.numpy())

    def paint(slice_: Tensor) -> Any:
        assert slice_.shape == (6, 12, 18)
        return (slice_[:3] * 255).byte().permute(1, 2, 0)

    painted = opened(volume, 6, 3, display=paint).prepared(0)
    np.testing.assert_array_equal(painted.picture[4], paint(volume[:, 4]))
    assert "slice by slice by display=" in painted.note


def test_a_signal_has_a_line_for_each_of_its_first_channels_or_for_those_chosen() -> None:
    signal = torch.rand(20, 30)
    prepared = opened(signal, 20, 1).prepared(0)
    assert prepared.lines == tuple(range(12))
    assert "the first 12 of its 20 channels; display= chooses others" in prepared.note
    assert opened(signal, 20, 1, display=(19, 3, 3)).prepared(0).lines == (19, 3)
    with pytest.raises(ValueError, match="names channel 20, but the input has 20 channels"):
        opened(signal, 20, 1, display=(20, 3, 3)).prepared(0)
    with pytest.raises(TypeError, match="three channel numbers, the lines to draw"):
        opened(signal, 20, 1, display=lambda inputs: inputs).prepared(0)


@pytest.mark.parametrize("dimensions", SIZES)
def test_thumbnails_are_small_pictures(dimensions: int) -> None:
    found = opened(torch.rand(2, *SIZES[dimensions]), 2, dimensions)
    jpeg = found.thumbnail(0)
    assert jpeg is not None
    assert max(Image.open(io.BytesIO(jpeg)).size) == {1: 96, 3: 18}[dimensions]


def test_a_transform_makes_inputs_of_whatever_is_given() -> None:
    frames = torch.randint(0, 256, (5, 3, 12, 18), dtype=torch.uint8)

    def transform(clip: Tensor) -> Tensor:
        return clip.permute(1, 0, 2, 3).float() / 255

    assert torch.equal(opened(frames, 3, 3, transform).prepared(0).input, transform(frames))
    batched = opened([frames], 3, 3, lambda clip: transform(clip)[None]).prepared(0)
    assert torch.equal(batched.input, transform(frames))
    with pytest.raises(
        ValueError, match=r"volume 0: transform failed on a Tensor .*: KeyError: 'boom'"
    ):
        opened(frames, 3, 3, lambda clip: dict[str, Any]()["boom"]).prepared(0)
    with pytest.raises(
        TypeError, match=r"transform returned a str; expected a tensor \(3, D, H, W\)"
    ):
        opened(frames, 3, 3, lambda clip: "clip").prepared(0)


def test_frames_of_a_clip_have_their_colours_behind_torchvisions_transform() -> None:
    transform = torchvision.models.video.R3D_18_Weights.DEFAULT.transforms()
    frames = torch.full((5, 3, 128, 171), 200, dtype=torch.uint8)
    frames[:, 1] = 30
    prepared = opened({"clip": frames}, 3, 3, transform).prepared(0)
    assert prepared.size == (5, 112, 112)
    assert prepared.note == ""
    assert prepared.picture[2, 50, 60].tolist() == [200, 30, 200]


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (torch.ones(2, 30, dtype=torch.int64), TypeError, r"Tensor \(2, 30\) of torch.int64, but .* \(2, L\)"),
        (Image.new("RGB", (4, 5)), TypeError, "signal 0 is a Image, but the model takes signals"),
        (torch.rand(3, 30), ValueError, r"a signal \(3, 30\) has 3 channels, but the model takes 2"),
        (torch.tensor([[1.0, float("nan")], [0, 0]]), ValueError, "1 values that are NaN"),
    ],
)  # fmt: skip
def test_what_is_no_input_is_an_error_that_says_what_is(
    source: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        opened(source, 2, 1).prepared(0)


@pytest.mark.parametrize("depth", [1, 5, 6, 16])
def test_slices_can_be_cut_out_of_their_mosaic_again(depth: int) -> None:
    slices = np.random.default_rng(3).integers(0, 256, (depth, 7, 4, 3), dtype=np.uint8)
    picture, columns = mosaic(slices)
    for place, slice_ in enumerate(slices):
        top, left = place // columns * 7, place % columns * 4
        np.testing.assert_array_equal(picture[top : top + 7, left : left + 4], slice_)


def test_a_long_volume_is_no_long_picture() -> None:
    picture, _ = mosaic(np.zeros((300, 40, 60, 3), np.uint8))
    assert max(picture.shape) < 1.2 * (300 * 40 * 60) ** 0.5
