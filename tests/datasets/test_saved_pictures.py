"""Overlays of a data set as files: named as their pictures, over what the model saw, with a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
import torch
from PIL import Image
from torchvision import transforms

from xcnn_widgets import Results, explain_dataset
from xcnn_widgets.datasets.cuts import find_cut
from xcnn_widgets.imaging import PaintLook, painted_by_heat

from .conftest import NAMES, ColourNet, to_tensor


@pytest.fixture
def results(model: ColourNet, folder: Path, tmp_path: Path) -> Results:
    return explained(model, folder, tmp_path / "results")


def explained(model: ColourNet, images: Any, to: Path, **options: Any) -> Results:
    usual: dict[str, Any] = {
        "class_names": NAMES,
        "transform": to_tensor,
        "progress": False,
        "workers": 0,
    }
    return explain_dataset(model, images, to, **usual | options)


def table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_every_picture_has_a_file_of_its_name_and_a_line(results: Results, tmp_path: Path) -> None:
    listed = results.save_pictures(tmp_path / "out", progress=False)
    assert listed == tmp_path / "out" / "pictures.csv"
    lines = table(listed)
    assert [*lines[0]] == [
        "index",
        "name",
        "label",
        "prediction",
        "probability",
        "right",
        "file",
        "over",
        "error",
    ]
    rows = {str(row["index"]): row for row in results.rows()}
    for line in lines:
        row = rows[line["index"]]
        assert line["name"] == row["name"]
        assert bool(line["file"]) is not bool(line["error"])
        if line["file"]:
            assert (line["label"], line["prediction"], line["right"]) == (
                row["label"],
                row["prediction"],
                str(row["right"]),
            )
            assert float(line["probability"]) == pytest.approx(row["probability"])
    files = [line["file"] for line in lines if line["file"]]
    assert sorted(files) == sorted(f"{name}-{number}.png" for name in NAMES for number in range(4))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*files, "pictures.csv"}
    (broken,) = [line for line in lines if line["error"]]
    assert (broken["name"], broken["label"]) == ("red/broken.png", "")


def test_the_overlay_is_painted_as_everywhere(model: ColourNet, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("one", "two"):
        photo(56, 40).save(folder / f"{name}.png")
    results = explained(model, folder, tmp_path / "results")
    listed = results.save_pictures(
        tmp_path / "out", progress=False, opacity=0.8, colormap="inferno"
    )
    rows = {row["index"]: row for row in results.rows()}
    for line in table(listed):
        row = rows[int(line["index"])]
        picture = np.asarray(Image.open(folder / row["key"]))
        look = PaintLook(0.8, "inferno")
        expected = painted_by_heat(picture, results.heatmap(row, "grad_cam"), look).covering
        assert line["over"] == "source"
        assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / line["file"])), expected)


def test_nothing_that_is_there_is_written_over(results: Results, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "RED-0.PNG").write_text("mine")
    (out / "pictures.csv").write_text("mine, too")
    results.save_pictures(out, progress=False)
    again = results.save_pictures(out, progress=False, form="jpeg")
    assert again.name == "pictures-3.csv"
    assert (out / "RED-0.PNG").read_text() == "mine"
    assert (out / "pictures.csv").read_text() == "mine, too"
    assert len(list(out.iterdir())) == 2 + 12 + 12 + 2
    with Image.open(out / table(again)[0]["file"]) as picture:
        assert picture.format == "JPEG"


def test_files_of_one_name_from_two_folders_are_both_saved(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    paths = [folder / name / f"{number}.png" for number in range(2) for name in NAMES]
    results = explained(model, paths, tmp_path / "results")
    lines = table(results.save_pictures(tmp_path / "out", progress=False))
    files = ["0.png", "0-2.png", "0-3.png", "1.png", "1-2.png", "1-3.png"]
    assert [line["file"] for line in lines] == files
    for line, path in zip(lines, paths, strict=True):
        with Image.open(tmp_path / "out" / line["file"]) as saved, Image.open(path) as source:
            assert (
                np.asarray(saved).mean((0, 1)).argmax() == np.asarray(source).mean((0, 1)).argmax()
            )


def test_only_what_is_asked_for_is_saved(results: Results, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    some = results.save_pictures(
        tmp_path / "some", where=np.array([2, 5]), progress=lambda *told: heard.append(told)
    )
    assert [line["index"] for line in table(some)] == ["2", "5"]
    assert heard == [(0, 2), (1, 2), (2, 2)]
    blue = results.save_pictures(
        tmp_path / "blue", where=pc.field("label") == "blue", progress=False
    )
    assert {line["label"] for line in table(blue)} == {"blue"}
    with pytest.raises(TypeError, match="where is 'right'; expected indices of pictures"):
        results.save_pictures(tmp_path / "none", where="right", progress=False)


def test_an_interrupt_leaves_what_is_written(results: Results, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results.save_pictures(tmp_path / "out", progress=stop)
    lines = table(tmp_path / "out" / "pictures.csv")
    assert len(lines) == 5
    for line in lines:
        if line["file"]:
            with Image.open(tmp_path / "out" / line["file"]) as picture:
                picture.load()


def photo(width: int, height: int) -> Image.Image:
    """Something to be told by: smooth spots of many colours."""
    rough = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC)


CUTS = {
    "whole": (transforms.Resize((64, 64)), 1.0, 1.0),
    "middle": (
        transforms.Compose([transforms.Resize(64), transforms.CenterCrop(56)]),
        0.875 * 0.75,
        0.875,
    ),
    "sides": (transforms.Compose([transforms.Resize(64), transforms.CenterCrop(64)]), 0.75, 1.0),
    "squeezed": (
        transforms.Compose([transforms.Resize((80, 80)), transforms.CenterCrop(64)]),
        0.8,
        0.8,
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_the_cut_of_a_transform_is_found(name: str) -> None:
    transform, wide, high = CUTS[name]
    source = photo(640, 480)
    box = find_cut(source, transform(source))
    assert box is not None
    left, upper, right, lower = box
    assert (right - left) / 640 == pytest.approx(wide, abs=0.01)
    assert (lower - upper) / 480 == pytest.approx(high, abs=0.01)
    assert (left + right) / 2 == pytest.approx(320)
    assert (upper + lower) / 2 == pytest.approx(240)


@pytest.mark.parametrize(
    "transform",
    [
        transforms.RandomHorizontalFlip(p=1),
        transforms.Lambda(lambda picture: picture.crop((0, 0, 400, 300))),
        transforms.Lambda(lambda picture: Image.new("RGB", (64, 64), "teal")),
    ],
    ids=["flipped", "a corner", "one colour"],
)
def test_what_is_no_middle_of_the_source_is_not_taken_for_one(transform: Any) -> None:
    source = photo(640, 480)
    assert find_cut(source, transform(source)) is None


def test_a_map_lies_over_the_part_that_the_model_saw(model: ColourNet, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    photo(320, 240).save(pictures / "photo.png")
    cut = transforms.Compose(
        [transforms.Resize(64), transforms.CenterCrop(56), transforms.ToTensor()]
    )
    results = explained(model, pictures, tmp_path / "results", transform=cut)
    (line,) = table(results.save_pictures(tmp_path / "out", opacity=0.0, progress=False))
    assert line["over"] == "source: the middle 57%"
    saved = Image.open(tmp_path / "out" / line["file"])
    assert saved.size == (210, 210)
    around = photo(320, 240).crop((55, 15, 265, 225))
    assert np.abs(np.asarray(saved, float) - np.asarray(around)).mean() < 2
    small = results.save_pictures(tmp_path / "small", side=100, progress=False)
    assert Image.open(small.parent / "photo.png").size == (100, 100)


def test_without_its_source_a_map_lies_over_the_thumbnail(
    results: Results, model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    (folder / "red/0.png").unlink()
    (folder / "red/1.png").write_text("no picture any more")
    lines = table(results.save_pictures(tmp_path / "out", progress=False))
    over = {line["name"]: line["over"] for line in lines}
    assert over["red/0.png"] == "thumbnail: the source is no file, or is gone"
    assert over["red/1.png"] == "thumbnail: the source cannot be read any more"
    images = {
        "v1.0": torch.rand(3, 20, 28),
        "a/b: c?": torch.rand(3, 20, 28),
        "": torch.rand(3, 20, 28),
    }
    other = explained(model, images, tmp_path / "other", transform=None)
    lines = table(other.save_pictures(tmp_path / "named", progress=False))
    assert [line["file"] for line in lines] == ["v1.0.png", "a-b- c-.png", "picture.png"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "gif"}, "form is 'gif'; expected 'png' or 'jpeg'"),
        ({"method": "saliency"}, "there are maps of 'grad_cam'"),
        ({"opacity": 2}, "opacity is 2; expected 0 to 1"),
        ({"colormap": "virid"}, "did you mean 'viridis'"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_is_written(
    results: Results, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        results.save_pictures(tmp_path / "out", progress=False, **options)
    assert not (tmp_path / "out").exists()
