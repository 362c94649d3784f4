"""Every kind of source becomes one upright RGB picture, or an error that says what is wrong."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from xcnn_widgets.imaging.reading import read_picture

RED, WHITE = (255, 0, 0), (255, 255, 255)


def pixels(source: Any) -> np.ndarray:
    picture = read_picture(source)
    assert picture.mode == "RGB"
    return np.asarray(picture)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def coloured(height: int = 3, width: int = 5) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_path_a_string_bytes_and_a_pil_picture_give_the_same_pixels(tmp_path: Path) -> None:
    expected = coloured()
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(expected)))
    for source in (
        path,
        str(path),
        path.read_bytes(),
        memoryview(path.read_bytes()),
        Image.open(path),
    ):
        np.testing.assert_array_equal(pixels(source), expected)


def test_the_picture_given_is_never_the_one_returned() -> None:
    picture = Image.new("RGB", (5, 3))
    read_picture(picture).putpixel((0, 0), RED)
    assert picture.getpixel((0, 0)) == (0, 0, 0)


@given(arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3]))))
@settings(max_examples=40, deadline=None)
def test_uint8_arrays_and_tensors_keep_every_pixel(levels: np.ndarray) -> None:
    expected = np.broadcast_to(levels, (*levels.shape[:2], 3))
    np.testing.assert_array_equal(pixels(levels), expected)
    channels_first = torch.from_numpy(levels).permute(2, 0, 1)
    np.testing.assert_array_equal(pixels(channels_first), expected)
    if levels.shape[2] == 1:
        np.testing.assert_array_equal(pixels(levels[:, :, 0]), expected)
        np.testing.assert_array_equal(pixels(channels_first[0]), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_float_arrays_come_back_to_the_grey_level_they_were_made_from(dtype: str) -> None:
    expected = np.arange(256, dtype=np.uint8).reshape(8, 32)
    levels = (expected / 255).astype(dtype)
    np.testing.assert_array_equal(pixels(levels)[:, :, 0], expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_float_tensors_come_back_to_the_grey_level_they_were_made_from(dtype: torch.dtype) -> None:
    expected = np.arange(240, dtype=np.uint8).reshape(3, 8, 10)
    tensor = (torch.from_numpy(expected).double() / 255).to(dtype).requires_grad_()
    np.testing.assert_array_equal(pixels(tensor), expected.transpose(1, 2, 0))


def test_bfloat16_tensors_are_read_as_well_as_they_can_be() -> None:
    assert pixels(torch.tensor([[0.0, 1.0, 0.5]], dtype=torch.bfloat16))[0, :, 0].tolist() == [
        0,
        255,
        128,
    ]


def test_uint16_is_scaled_to_eight_bits() -> None:
    levels = np.array([[0, 257, 65535, 128, 129]], np.uint16)
    assert pixels(levels)[0, :, 0].tolist() == [0, 1, 255, 0, 1]
    assert pixels(levels.astype(">u2"))[0, :, 0].tolist() == [0, 1, 255, 0, 1]


def test_a_sixteen_bit_png_is_scaled_and_not_cut_off() -> None:
    image = Image.fromarray(np.array([[0, 32896, 65535]], np.uint16))
    assert pixels(encoded(image))[0, :, 0].tolist() == [0, 128, 255]


def test_a_float_tiff_in_0_to_1_is_a_picture() -> None:
    image = Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert pixels(encoded(image, "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


def test_a_32_bit_picture_with_16_bit_values_is_scaled() -> None:
    image = Image.fromarray(np.array([[0, 32896, 65535]], np.int32))
    assert image.mode == "I"
    assert pixels(image)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "HSV", "RGBX"])
def test_other_modes_become_rgb(mode: str) -> None:
    half = Image.new("RGB", (6, 4), "white")
    half.paste((0, 0, 0), (0, 0, 3, 4))
    levels = pixels(half.convert(mode))
    assert levels.shape == (4, 6, 3)
    assert levels[:, :3].max() <= 1
    assert levels[:, 3:].min() >= 254


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    data = encoded(Image.new("RGB", (16, 8), "red").convert("CMYK"), "JPEG", quality=95)
    assert np.abs(pixels(data).astype(int) - RED).max() <= 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa", "La"])
def test_what_is_transparent_stands_on_white(mode: str) -> None:
    black = Image.new("RGBA", (4, 2), (0, 0, 0, 255))
    black.paste((0, 0, 0, 0), (0, 0, 2, 2))
    image = black.convert("LA").convert("La") if mode == "La" else black.convert(mode)
    levels = pixels(image)
    assert levels[:, :2].min() == 255
    assert levels[:, 2:].max() == 0


def test_half_transparent_array_and_tensor_are_half_white() -> None:
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[..., 3] = 51
    assert (pixels(rgba) == 204).all()
    assert (pixels(torch.from_numpy(rgba).permute(2, 0, 1)) == 204).all()


@pytest.mark.parametrize("mode", ["P", "RGB", "L"])
def test_a_png_whose_one_colour_is_transparent_shows_white_there(mode: str) -> None:
    image = Image.new("L", (2, 1), 0)
    image.putpixel((1, 0), 90)
    image = image.convert(mode)
    transparent = image.getpixel((0, 0))
    levels = pixels(encoded(image, transparency=transparent))
    assert levels[0].tolist() == [[255, 255, 255], [90, 90, 90]]


@pytest.mark.parametrize(("orientation", "turned"), [(3, 2), (6, -1), (8, 1)])
def test_exif_rotation_is_applied(orientation: int, turned: int) -> None:
    expected = coloured()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(np.rot90(expected, -turned))
    np.testing.assert_array_equal(pixels(encoded(Image.fromarray(stored), exif=exif)), expected)


def test_the_first_frame_of_an_animation_is_read() -> None:
    frames = [Image.new("RGB", (5, 3), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (pixels(data) == RED).all()


def test_a_huge_jpeg_is_decoded_small_for_a_thumbnail_but_not_smaller_than_asked() -> None:
    data = encoded(Image.new("RGB", (1600, 800)), "JPEG")
    assert read_picture(data, at_least=100).size == (200, 100)
    assert read_picture(data).size == (1600, 800)


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says that it is ``side`` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


BROKEN = {
    "empty.png": (b"", "empty (0 bytes)"),
    "text.jpg": (b"I am not a picture, but a text.", "text, beginning 'I am not a picture"),
    "page.png": (b"<!DOCTYPE html><html></html>", "<!DOCTYPE html>"),
    "pointer.png": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "noise.png": (b"\x00\x01\x02\x03\xff\xfe\xfd\xfc" * 8, "00 01 02 03"),
    "short.png": (encoded(Image.fromarray(coloured(40, 60)))[:-900], "cut short or damaged"),
    "short.jpg": (
        encoded(Image.fromarray(coloured(40, 60)), "JPEG")[:-900],
        "cut short or damaged",
    ),
    "bomb.png": (bomb(30000), "decompression bomb"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_its_cause(name: str, tmp_path: Path) -> None:
    data, cause = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ValueError, match=name) as error:
        read_picture(path)
    assert cause in str(error.value)
    with pytest.raises(ValueError, match=f"of {len(data)} bytes"):
        read_picture(data)


def test_a_pil_picture_whose_file_is_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "short.png"
    path.write_bytes(BROKEN["short.png"][0])
    with pytest.raises(ValueError, match=r"short\.png.*cut short"):
        read_picture(Image.open(path))


@given(st.integers(0, 200), st.binary(min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_damaged_png_gives_a_picture_or_an_error_that_says_so(place: int, noise: bytes) -> None:
    data = encoded(Image.fromarray(np.zeros((4, 6, 3), np.uint8)))
    damaged = data[:place] + noise + data[place + len(noise) :]
    try:
        assert read_picture(damaged).mode == "RGB"
    except ValueError as error:
        assert f"picture of {len(damaged)} bytes" in str(error)  # noqa: PT017


def test_a_missing_file_is_named_with_the_folder_that_was_searched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cat\.png") as error:
        read_picture(tmp_path / "cat.png")
    assert str(tmp_path) in str(error.value)


def test_an_address_says_to_download_it_first() -> None:
    with pytest.raises(FileNotFoundError, match="download it first"):
        read_picture("https://example.org/cat.png")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize(
    ("array", "hint"),
    [
        (np.zeros((3, 40, 50), np.uint8), r"transpose\(1, 2, 0\)"),
        (np.zeros((40, 50, 2), np.uint8), r"array \(40, 50, 2\) uint8"),
        (np.zeros((2, 40, 50, 3), np.uint8), "batch"),
        (np.zeros(40, np.uint8), r"expected \(H, W\)"),
        (np.zeros((0, 50, 3), np.uint8), r"array \(0, 50, 3\)"),
        (torch.zeros(40, 50, 3), r"permute\(2, 0, 1\)"),
        (torch.zeros(2, 3, 40, 50), "batch"),
        (np.full((4, 5, 3), 255.0), "divide them"),
        (np.full((4, 5, 3), -1.0), "from -1 to -1"),
        (np.full((4, 5), np.nan), "20 values that are NaN"),
        (torch.full((3, 4, 5), torch.inf), "60 values that are NaN or infinite"),
    ],
)
def test_an_array_of_wrong_shape_or_values_says_what_to_do(array: np.ndarray, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_picture(array)


@pytest.mark.parametrize(
    "array", [np.zeros((4, 5), np.int64), np.zeros((4, 5), bool), torch.zeros(4, 5).long()]
)
def test_another_dtype_is_a_type_error_that_says_how_to_convert(array: np.ndarray) -> None:
    with pytest.raises(TypeError, match=r"expected uint8 .*array\.astype"):
        read_picture(array)


@pytest.mark.parametrize("source", [None, 3, 2.5, {"a": 1}, object()])
def test_something_else_is_a_type_error(source: Any) -> None:
    with pytest.raises(TypeError, match="a picture is a path, bytes"):
        read_picture(source)
