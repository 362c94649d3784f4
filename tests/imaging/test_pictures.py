"""A collection knows its names and labels, and opens nothing before it is looked at."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset

from xcnn_widgets.imaging.pictures import Pictures


def save(path: Path, colour: str = "red", size: tuple[int, int] = (6, 4)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


class Counting(Dataset[tuple[Any, int]]):
    """A data set of pictures and labels that counts how often it is asked."""

    def __init__(self, length: int = 4) -> None:
        self.length = length
        self.asked: list[int] = []

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Any, int]:
        self.asked.append(index)
        return np.full((4, 6, 3), index, np.uint8), index % 3


def test_one_picture_is_a_collection_of_one(tmp_path: Path) -> None:
    path = save(tmp_path / "cat.png")
    for source in (
        path,
        str(path),
        path.read_bytes(),
        Image.open(path),
        np.zeros((4, 6)),
        torch.zeros(3, 4, 6),
    ):
        pictures = Pictures(source)
        assert len(pictures) == 1
        assert pictures.open(0).size == (6, 4)
        assert pictures.label(0) is None


def test_names_come_from_keys_files_and_else_from_the_position(tmp_path: Path) -> None:
    path = save(tmp_path / "cat.png")
    mixed = Pictures(
        [path, Image.open(path), np.zeros((4, 6)), (str(path), "tabby"), path.read_bytes()]
    )
    assert [mixed.name(i) for i in range(5)] == [
        "cat.png",
        "cat.png",
        "picture 2",
        "cat.png",
        "picture 4",
    ]
    assert Pictures({"a": path, 7: path}).name(1) == "7"


def test_pairs_carry_labels() -> None:
    black = np.zeros((4, 6), np.uint8)
    pictures = Pictures(
        [(black, 3), (black, "tabby"), black, (black, np.int64(5)), [black, torch.tensor(6)]]
    )
    assert [pictures.label(i) for i in range(5)] == [3, "tabby", None, 5, 6]
    assert type(pictures.label(4)) is int
    assert pictures.open(0).size == (6, 4)


def test_a_folder_is_sorted_as_people_count_and_opens_no_file(tmp_path: Path) -> None:
    for name in ("cat10.PNG", "cat2.png", "Cat1.png"):
        save(tmp_path / name)
    (tmp_path / "broken.jpg").write_text("no picture")
    (tmp_path / "notes.txt").write_text("notes")
    save(tmp_path / ".hidden.png")
    save(tmp_path / "more" / "inside.png")
    pictures = Pictures(tmp_path)
    names = [pictures.name(i) for i in range(len(pictures))]
    assert names == ["broken.jpg", "Cat1.png", "cat2.png", "cat10.PNG"]
    assert pictures.label(1) is None
    with pytest.raises(ValueError, match=r"broken\.jpg"):
        pictures.open(0)


def test_subfolders_are_labels_where_a_folder_has_no_pictures_of_its_own(tmp_path: Path) -> None:
    for name in ("dog/2.png", "dog/10.png", "cat/1.png", ".cache/3.png"):
        save(tmp_path / name)
    pictures = Pictures(str(tmp_path))
    assert [(pictures.name(i), pictures.label(i)) for i in range(len(pictures))] == [
        (str(Path("cat/1.png")), "cat"),
        (str(Path("dog/2.png")), "dog"),
        (str(Path("dog/10.png")), "dog"),
    ]
    assert pictures.open(2).size == (6, 4)


def test_a_dataset_is_asked_only_for_what_is_looked_at() -> None:
    dataset = Counting()
    pictures = Pictures(dataset)
    assert (len(pictures), pictures.name(3)) == (4, "picture 3")
    assert dataset.asked == []
    assert np.asarray(pictures.open(2)).max() == 2
    assert pictures.label(2) == 2
    assert dataset.asked == [2]


def test_a_batch_is_a_collection_of_its_samples() -> None:
    batch = torch.zeros(2, 3, 4, 6)
    batch[1] = 1.0
    assert [np.asarray(Pictures(batch).open(i)).max() for i in range(2)] == [0, 255]
    assert Pictures(np.zeros((5, 4, 6, 3), np.uint8)).open(4).size == (6, 4)


@pytest.mark.parametrize("level", [0.5, 1.7])
def test_a_floating_tensor_is_an_input_and_can_be_shown(level: float) -> None:
    tensor = torch.full((3, 4, 6), level)
    item = Pictures([tensor]).item(0)
    assert isinstance(item, torch.Tensor)
    assert torch.equal(item, tensor)
    assert Pictures([tensor]).open(0).size == (6, 4)


def test_a_grey_picture_stays_grey_until_it_is_looked_at() -> None:
    pictures = Pictures(Image.new("L", (6, 4), 90))
    assert pictures.item(0).mode == "L"
    assert pictures.open(0).mode == "RGB"


def test_a_thumbnail_is_a_small_jpeg_of_the_same_shape() -> None:
    pictures = Pictures([np.zeros((300, 600, 3), np.uint8), torch.full((3, 30, 60), 1.7)])
    for index, size in ((0, (96, 48)), (1, (60, 30))):
        thumbnail = Image.open(io.BytesIO(pictures.thumbnail(index)))
        assert (thumbnail.format, thumbnail.size) == ("JPEG", size)
    assert Image.open(io.BytesIO(pictures.thumbnail(0, side=20))).size == (20, 10)


def test_a_thumbnail_of_a_huge_jpeg_keeps_its_shape_and_colours() -> None:
    file = io.BytesIO()
    Image.new("RGB", (6000, 4000), "teal").save(file, "JPEG")
    thumbnail = Image.open(io.BytesIO(Pictures([file.getvalue()]).thumbnail(0)))
    assert thumbnail.size == (96, 64)
    np.testing.assert_allclose(np.asarray(thumbnail)[30, 40], (0, 128, 128), atol=5)


@pytest.mark.parametrize("kind", [list, dict])
def test_a_hundred_thousand_pictures_are_cheap_and_none_is_touched(kind: type) -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"touched: {name}")

    items = [Untouchable()] * 100_000
    source = items if kind is list else {f"{i}.png": item for i, item in enumerate(items)}
    tracemalloc.start()
    pictures = Pictures(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(pictures) == 100_000
    assert peak < 4_000_000


def test_a_mapping_is_asked_for_a_value_only_when_it_is_opened() -> None:
    class Lazy(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return np.full((4, 6), 7, np.uint8) if key == "b" else pytest.fail(f"asked for {key}")

    pictures = Pictures(Lazy(a=None, b=None))
    assert np.asarray(pictures.open(1)).max() == 7


def test_a_bad_picture_is_named_by_its_place_in_the_collection() -> None:
    pictures = Pictures({"good": np.zeros((4, 6)), "bad": np.zeros((4, 6), int), "worse": b"text"})
    with pytest.raises(TypeError, match="bad: array"):
        pictures.open(1)
    with pytest.raises(ValueError, match="worse: picture of 4 bytes"):
        pictures.open(2)


@pytest.mark.parametrize("empty", [[], {}, torch.zeros(0, 3, 4, 6)])
def test_an_empty_collection_is_refused(empty: Any) -> None:
    with pytest.raises(ValueError, match="no pictures"):
        Pictures(empty)


def test_a_folder_without_pictures_is_named_with_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(ValueError, match=r"\.jpg") as error:
        Pictures(tmp_path)
    assert str(tmp_path) in str(error.value)


def test_a_missing_path_is_refused_at_once() -> None:
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        Pictures("no_such_folder")


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter(())


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        (iter([1]), "make a list"),
        (DataLoader(Counting()), r"use its \.dataset"),
        (Endless(), "make a list"),
        (None, "NoneType"),
        ({1, 2}, "set"),
    ],
)
def test_what_cannot_be_counted_or_indexed_is_refused(source: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        Pictures(source)


@pytest.mark.parametrize("index", [-1, 4])
def test_a_place_outside_the_collection_is_an_index_error(index: int) -> None:
    pictures = Pictures(Counting())
    for ask in (pictures.name, pictures.open, pictures.label, pictures.thumbnail):
        with pytest.raises(IndexError, match="there are 4, 0 to 3"):
            ask(index)


def test_it_says_what_it_holds() -> None:
    assert repr(Pictures({"cat": np.zeros((4, 6)), "dog": None})) == "Pictures(2: 'cat', ...)"
