"""The picture shown is the input itself with its normalisation undone, so the two are aligned."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torchvision.transforms as v1
import torchvision.transforms.v2 as v2
from PIL import Image
from timm.data.transforms_factory import create_transform
from torch import Tensor

from xcnn_widgets.imaging.normalisation import IMAGENET_MEAN, IMAGENET_STD
from xcnn_widgets.imaging.pictures import Pictures
from xcnn_widgets.imaging.preprocessing import ImageNetTransform, Preprocessing

MEAN, STD = list(IMAGENET_MEAN), list(IMAGENET_STD)
NORMALISE = v1.Normalize(MEAN, STD)


def photo(height: int = 60, width: int = 90) -> Image.Image:
    """A colourful picture with an edge, unlike itself under every flip and swap."""
    y, x = np.mgrid[0:height, 0:width]
    levels = np.stack([255 * x / width, 255 * y / height, 255 * (x > 2 * y)], axis=2)
    return Image.fromarray(levels.astype(np.uint8))


def as_input(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


GEOMETRIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "resize": v1.Resize((32, 48)),
    "crop off centre": lambda image: image.crop((50, 3, 85, 27)),
    "flip": v1.RandomHorizontalFlip(1.0),
    "turn": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "pad": v1.Pad((20, 5, 3, 0), fill=114),
}
NORMALISATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "imagenet": NORMALISE,
    "none": lambda levels: levels,
    "minus one to one": lambda levels: 2 * levels - 1,
    "bgr minus mean": lambda levels: (
        255 * levels[[2, 1, 0]] - torch.tensor([104, 117, 124.0])[:, None, None]
    ),
    "negative": lambda levels: 1 - levels,
    "gbr": lambda levels: levels[[1, 2, 0]] * torch.tensor([3.0, 4, 5])[:, None, None],
}


@pytest.mark.parametrize("normalise", NORMALISATIONS)
@pytest.mark.parametrize("move", GEOMETRIES)
def test_the_picture_is_what_the_transform_made_of_it_to_the_grey_level(
    move: str, normalise: str
) -> None:
    moved = GEOMETRIES[move](photo())

    def transform(image: Image.Image) -> Tensor:
        return NORMALISATIONS[normalise](as_input(GEOMETRIES[move](image)))

    prepared = Preprocessing(transform).prepare(photo())
    np.testing.assert_array_equal(prepared.picture, np.asarray(moved))
    torch.testing.assert_close(prepared.input, transform(photo()), rtol=0, atol=0)
    assert prepared.note == ""
    assert (prepared.picture.dtype, prepared.input.dtype) == (np.uint8, torch.float32)


@pytest.mark.parametrize("size", [(90, 60), (300, 451), (256, 256), (255, 1001)])
def test_the_default_equals_torchvisions_imagenet_preprocessing(size: tuple[int, int]) -> None:
    picture = photo(size[1], size[0])
    expected = v1.Compose([v1.Resize(256), v1.CenterCrop(224), v1.ToTensor(), NORMALISE])
    prepared = Preprocessing().prepare(picture)
    torch.testing.assert_close(prepared.input, expected(picture))
    shown = v1.CenterCrop(224)(v1.Resize(256)(picture))
    np.testing.assert_array_equal(prepared.picture, np.asarray(shown))


def test_torchvisions_own_presets_are_undone() -> None:
    from torchvision.models import Inception_V3_Weights, ResNet18_Weights

    for weights in (ResNet18_Weights.DEFAULT, Inception_V3_Weights.DEFAULT):
        prepared = Preprocessing(weights.transforms()).prepare(photo(300, 500))
        assert prepared.note == ""
        assert prepared.picture.shape[:2] == tuple(prepared.input.shape[1:])
        assert prepared.picture[..., 0].std() > 20


def test_v2_and_timm_transforms_are_undone() -> None:
    pipelines = (
        v2.Compose(
            [
                v2.ToImage(),
                v2.Resize(40),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(MEAN, STD),
            ]
        ),
        create_transform((3, 40, 60), mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)),
    )
    for transform in pipelines:
        prepared = Preprocessing(transform).prepare(photo())
        assert prepared.note == ""
        np.testing.assert_allclose(
            prepared.picture.mean((0, 1)), np.asarray(photo()).mean((0, 1)), atol=25
        )


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grey_model_gets_a_grey_picture(channels: int) -> None:
    grey = v1.Grayscale(channels)
    transform = v1.Compose([grey, v1.ToTensor(), v1.Normalize([0.5] * channels, [0.3] * channels)])
    prepared = Preprocessing(transform).prepare(photo())
    assert prepared.note == ""
    assert prepared.input.shape[0] == channels
    expected = np.asarray(photo().convert("L"))
    for channel in range(3):
        np.testing.assert_array_equal(prepared.picture[..., channel], expected)


class Standardise:
    def __call__(self, image: Image.Image) -> Tensor:
        levels = as_input(image)
        return (levels - levels.mean()) / levels.std()


@pytest.mark.parametrize(
    "transform",
    [
        Standardise(),
        v1.Compose([v1.ColorJitter(brightness=0.9), v1.ToTensor()]),
        lambda image: as_input(image) ** 2,
        lambda image: as_input(image) + torch.randn(3, 60, 90),
        v1.Compose([v1.RandomSolarize(100, p=1.0), v1.ToTensor()]),
    ],
    ids=["standardised", "jitter", "gamma", "noise", "solarised"],
)
def test_what_cannot_be_undone_is_stretched_and_said(transform: Callable[[Any], Tensor]) -> None:
    prepared = Preprocessing(transform).prepare(photo())
    assert "stretched" in prepared.note
    low, high = prepared.input.min(), prepared.input.max()
    expected = (255 * (prepared.input - low) / (high - low)).permute(1, 2, 0).numpy()
    np.testing.assert_allclose(prepared.picture, expected, atol=0.51)


def test_a_transform_that_fails_on_one_colour_is_stretched_and_said() -> None:
    def transform(image: Image.Image) -> Tensor:
        grey = image.convert("L").tobytes()
        return as_input(image) * (1 / (max(grey) - min(grey)))

    assert "stretched" in Preprocessing(transform).prepare(photo()).note


def test_of_five_channels_that_a_transform_makes_three_are_shown_and_said() -> None:
    prepared = Preprocessing(lambda image: as_input(image)[[0, 1, 2, 0, 1]]).prepare(photo())
    assert prepared.picture.shape == (60, 90, 3)
    assert "channels 0, 1 and 2 of its 5" in prepared.note
    assert "normalisation" not in prepared.note


def test_a_constant_input_that_cannot_be_undone_is_black() -> None:
    prepared = Preprocessing(lambda image: torch.ones(3, 6, 8)).prepare(photo())
    assert prepared.picture.max() == 0


def test_the_normalisation_is_found_once_for_each_size_of_picture() -> None:
    calls = []

    def transform(image: Image.Image) -> Tensor:
        calls.append(image.size)
        return as_input(image)

    preprocessing = Preprocessing(transform)
    preprocessing.prepare(photo(60, 90))
    found = len(calls)
    preprocessing.prepare(photo(60, 90))
    assert len(calls) == found + 1
    preprocessing.prepare(photo(61, 90))
    assert len(calls) - found - 1 < found
    assert set(calls) == {(90, 60), (90, 61)}


def test_a_normalisation_that_depends_on_the_size_is_found_for_each() -> None:
    def transform(image: Image.Image) -> Tensor:
        return as_input(image) * image.width

    preprocessing = Preprocessing(transform)
    for width in (90, 40, 90):
        prepared = preprocessing.prepare(photo(60, width))
        np.testing.assert_array_equal(prepared.picture, np.asarray(photo(60, width)))


def test_a_transform_that_works_in_place_leaves_the_picture_as_it_was() -> None:
    def shrink(image: Image.Image) -> Tensor:
        image.thumbnail((45, 30))
        return as_input(image)

    picture = photo()
    prepared = Preprocessing(shrink).prepare(picture)
    assert (picture.size, prepared.picture.shape) == ((90, 60), (30, 45, 3))
    assert prepared.note == ""


def test_a_batch_of_one_is_taken_for_its_sample() -> None:
    prepared = Preprocessing(lambda image: as_input(image)[None]).prepare(photo())
    assert prepared.input.shape == (3, 60, 90)
    np.testing.assert_array_equal(prepared.picture, np.asarray(photo()))


@pytest.mark.parametrize(
    ("transform", "error", "hint"),
    [
        (v1.Resize(20), TypeError, "returned Image .* end it with ToTensor"),
        (np.asarray, TypeError, "returned ndarray"),
        (v1.PILToTensor(), TypeError, "ConvertImageDtype"),
        (lambda image: as_input(image)[0], ValueError, r"shape \(60, 90\)"),
        (
            lambda image: as_input(image).expand(2, -1, -1, -1),
            ValueError,
            r"shape \(2, 3, 60, 90\)",
        ),
        (lambda image: as_input(image) / 0, ValueError, "NaN or infinite"),
        (
            v1.Normalize([0.5], [0.5]),
            ValueError,
            "Normalize.* failed .*90 x 60, mode RGB: TypeError",
        ),
    ],
)
def test_a_transform_that_goes_wrong_is_named_with_the_picture(
    transform: Callable[[Any], Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint) as raised:
        Preprocessing(transform).prepare(photo())
    assert "90 x 60, mode RGB" in str(raised.value)


def test_a_transform_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match="not callable"):
        Preprocessing(3)  # type: ignore[arg-type]


def test_a_preprocessed_tensor_is_taken_as_it_is_and_imagenets_normalisation_undone() -> None:
    inputs = NORMALISE(as_input(photo()))
    prepared = Preprocessing().prepare(inputs)
    assert torch.equal(prepared.input, inputs)
    np.testing.assert_array_equal(prepared.picture, np.asarray(photo()))
    assert "ImageNet" in prepared.note


def test_a_preprocessed_tensor_of_another_normalisation_is_stretched() -> None:
    inputs = 100 * as_input(photo()) - 50
    prepared = Preprocessing().prepare(inputs.half().requires_grad_())
    assert "stretched from the least to the greatest value" in prepared.note
    assert (prepared.picture.min(), prepared.picture.max()) == (0, 255)
    assert prepared.input.dtype == torch.float32
    assert not prepared.input.requires_grad


@pytest.mark.parametrize(
    "bad", [torch.zeros(6, 8), torch.zeros(3, 6, 8).long(), torch.full((3, 6, 8), torch.nan)]
)
def test_a_preprocessed_tensor_that_is_no_input_is_refused(bad: Tensor) -> None:
    with pytest.raises(ValueError, match="input"):
        Preprocessing().prepare(bad)


def test_a_collection_of_inputs_and_pictures_can_be_prepared() -> None:
    inputs = NORMALISE(as_input(photo()))
    pictures = Pictures([photo(), inputs])
    preprocessing = Preprocessing(v1.Compose([v1.ToTensor(), NORMALISE]))
    shown = [preprocessing.prepare(pictures.item(i)) for i in range(2)]
    np.testing.assert_array_equal(shown[0].picture, shown[1].picture)
    torch.testing.assert_close(shown[0].input, shown[1].input)


def test_the_default_transform_can_be_pickled_and_read() -> None:
    transform = pickle.loads(pickle.dumps(ImageNetTransform()))
    torch.testing.assert_close(transform(photo()), ImageNetTransform()(photo()), rtol=0, atol=0)
    assert repr(Preprocessing()).startswith("Preprocessing(ImageNetTransform(resize=256, crop=224")
