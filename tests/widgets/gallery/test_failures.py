"""What cannot be read or explained says so in its row, and the rest goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import to_input
from .parts import (
    ColourModel,
    Counted,
    WatchedModel,
    names,
    noise,
    opened,
    plain,
    rows_of,
    show,
)

COLOURS = ["red", "green", "blue"]


def errors(rows: list[dict[str, Any]]) -> list[bool]:
    return [row["error"] != "" for row in rows]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three good files, one that is text and one that is empty."""
    for name, picture in zip(("a.png", "c.png", "e.png"), noise(3), strict=True):
        Image.fromarray(picture).save(tmp_path / name)
    (tmp_path / "b.jpg").write_text("this is no picture")
    (tmp_path / "d.png").write_bytes(b"")
    return tmp_path


def test_a_broken_file_becomes_a_row_with_its_name_and_cause(folder: Path) -> None:
    with opened(ColourModel(), folder, COLOURS) as gallery:
        rows = rows_of(gallery)
        assert names(rows) == ["a.png", "b.jpg", "c.png", "d.png", "e.png"]
        assert errors(rows) == [False, True, False, True, False]
        for row in (rows[1], rows[3]):
            assert (row["picture"], row["maps"], row["prediction"]) == (None, {}, None)
            assert row["name"] in row["error"]
        assert "it is text" in rows[1]["error"]
        assert gallery.failures == {"b.jpg": rows[1]["error"], "d.png": rows[3]["error"]}
        assert gallery.status == "5 of 5 pictures shown; 2 could not be read or explained"
        assert gallery.error == ""
        assert gallery.progress is None


def test_a_file_that_was_mended_is_read_when_it_is_looked_at_again(folder: Path) -> None:
    with opened(ColourModel(), folder, COLOURS) as gallery:
        Image.fromarray(noise(1)[0]).save(folder / "d.png")
        assert errors(show(gallery, target=1)) == [False, True, False, False, False]
        assert list(gallery.failures) == ["b.jpg"]


def test_a_file_that_is_gone_since_becomes_a_row_that_says_so(folder: Path) -> None:
    with opened(ColourModel(), folder, COLOURS) as gallery:
        show(gallery, rows="classes")
        gallery.work.exploration.forget()
        (folder / "c.png").unlink()
        rows = show(gallery, rows="pictures")
        assert errors(rows) == [False, True, True, True, False]
        assert "c.png" in rows[2]["error"]
        show(gallery, rows="classes")
        assert gallery.save_png(folder / "tiles")


def test_a_broken_first_file_does_not_keep_the_gallery_from_opening(tmp_path: Path) -> None:
    for i in range(4):
        (tmp_path / f"{i}.png").write_bytes(b"no")
    Image.fromarray(noise(1)[0]).save(tmp_path / "9.png")
    with opened(ColourModel(), tmp_path, COLOURS) as gallery:
        assert errors(rows_of(gallery)) == [True] * 4 + [False]
        with pytest.raises(ValueError, match=r"0\.png"):
            show(gallery, rows="layers")
        assert "0.png" in gallery.error
        assert len(show(gallery, image_index=4)) == 1
        assert gallery.error == ""


def test_a_gallery_of_which_nothing_can_be_read_is_refused_without_reading_it_all() -> None:
    class Broken(Counted):
        def __getitem__(self, index: Any) -> Any:
            super().__getitem__(index)
            raise KeyError("gone")

    dataset = Broken(100_000)
    with pytest.raises(ValueError, match=r"none of the first 12 of 100000 .* KeyError: 'gone'"):
        GalleryWidget(ColourModel(), dataset, COLOURS, transform=to_input)
    assert len(dataset.opened) == 12


def test_a_dataset_may_raise_whatever_it_likes() -> None:
    class Shaky(Counted):
        def __getitem__(self, index: Any) -> Any:
            item = super().__getitem__(index)
            if index in (0, 3):
                raise RuntimeError(f"no {index} today")
            return item

    with opened(ColourModel(), Shaky(5), COLOURS, labels=[0, 1, 2, 0, 1]) as gallery:
        rows = rows_of(gallery)
        assert errors(rows) == [True, False, False, True, False]
        assert rows[3]["error"] == "RuntimeError: no 3 today"
        assert list(gallery.failures) == ["picture 0", "picture 3"]
        assert errors(show(gallery, order="confidence")) == [False, False, False, True, True]


def test_a_transform_that_fails_on_one_picture_fails_on_that_one_alone() -> None:
    def picky(picture: Any) -> Tensor:
        if picture.getpixel((0, 0)) == (1, 2, 3):
            raise ZeroDivisionError("what a picture")
        return to_input(picture)

    pictures = plain((200, 10, 10), (1, 2, 3), (10, 10, 200))
    with opened(ColourModel(), pictures, COLOURS, transform=picky) as gallery:
        rows = rows_of(gallery)
        assert errors(rows) == [False, True, False]
        assert "ZeroDivisionError: what a picture" in rows[1]["error"]


@pytest.mark.parametrize("first", [True, False])
def test_a_picture_on_which_the_model_answers_nan_or_raises_fails_alone(first: bool) -> None:
    good = plain((200, 10, 10), (10, 200, 10), (10, 10, 200))
    black, white = plain((0, 0, 0), (255, 255, 255))
    pictures = [black, white, *good] if first else [*good[:1], black, *good[1:], white]
    bad = [0, 1] if first else [1, 4]
    with opened(WatchedModel(), pictures, COLOURS, labels=[0] * 5) as gallery:
        rows = rows_of(gallery)
        assert [i for i, row in enumerate(rows) if row["error"]] == bad
        assert "NaN" in rows[bad[0]]["error"]
        assert rows[bad[1]]["error"] == "RuntimeError: too bright"
        predicted = [row["prediction"]["name"] for row in rows if not row["error"]]
        assert predicted == COLOURS
        assert gallery.error == ""
        for order in ("confidence", "disagreement", "wrong"):
            assert errors(show(gallery, order=order)) == [False] * 3 + [True] * 2
        assert len(gallery.failures) == 2


def test_what_fails_while_pictures_are_sorted_is_not_tried_again_for_its_row() -> None:
    class Broken(Counted):
        def __getitem__(self, index: Any) -> Any:
            item = super().__getitem__(index)
            if index == 15:
                raise OSError("broken")
            return item

    dataset = Broken(20)
    with opened(ColourModel(), dataset, COLOURS, page_size=5) as gallery:
        assert show(gallery, order="confidence", page=4)[-1]["error"] == "broken"
        assert dataset.opened.count(15) == 1
        show(gallery, order="least_confident")
        show(gallery, page=4)
        assert dataset.opened.count(15) == 2


def test_one_layer_that_cannot_be_explained_leaves_the_others() -> None:
    def refuse(_: Tensor) -> None:
        raise ValueError("no gradient comes through here")

    class Refusing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            beside = self.first(x) * 1
            if beside.requires_grad:
                beside.register_hook(refuse)
            return self.fc((beside + self.second(x)).relu().mean((2, 3)))

    torch.manual_seed(0)
    layers = ["first", "second"]
    with opened(
        Refusing(), noise(2), COLOURS, rows="layers", layers=layers, methods=["grad_cam"]
    ) as gallery:
        rows = rows_of(gallery)
        assert errors(rows) == [True, False]
        assert rows[0]["title"].startswith("first (")
        assert "no gradient comes through here" in rows[0]["error"]
        assert rows[1]["picture"] is not None
        assert "1 could not be explained" in gallery.status
        gallery.figure()
        explorer = gallery.explorer()
        gallery.selected = 0
        gallery.selected = 1
        assert explorer.layer == "second"
        explorer.close()


def test_a_comparison_of_which_every_row_fails_is_told_and_raised() -> None:
    black = np.zeros((12, 20, 3), np.uint8)
    with opened(WatchedModel(), [*plain((200, 10, 10)), black], COLOURS) as gallery:
        gallery.rows = "layers"
        gallery.wait(60)
        gallery.image_index = 1
        with pytest.raises(RuntimeError, match="NaN"):
            gallery.wait(60)
        assert "NaN" in gallery.error
        assert gallery.progress is None
        gallery.wait(60)


def test_failures_of_pictures_with_one_name_are_all_listed(tmp_path: Path) -> None:
    paths = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "same.png")
        paths[-1].write_bytes(b"no")
    with opened(ColourModel(), [*paths, *noise(1)], COLOURS) as gallery:
        assert list(gallery.failures) == ["same.png", "same.png (picture 1)"]


def test_a_model_of_other_channels_is_told_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="3 channels, but the model takes 5 channels"):
        GalleryWidget(nn.Conv2d(5, 2, 3), noise(3), transform=to_input)
