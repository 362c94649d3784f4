"""Each picture of a data set has a row, which says what a gallery and `explain` say of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.utils.data import Dataset

from xcnn_widgets import GalleryWidget, Results, explain, explain_dataset, method
from xcnn_widgets.study import first_window

from .conftest import EACH, NAMES, ColourNet, to_tensor

Ask = Callable[..., Results]


@pytest.fixture
def ask(model: ColourNet, folder: Path, tmp_path: Path) -> Ask:
    """Asks about the folder of colours."""

    def asked(images: Any = folder, **options: Any) -> Results:
        usual: dict[str, Any] = {
            "class_names": NAMES,
            "transform": to_tensor,
            "progress": False,
            "workers": 0,
        }
        return explain_dataset(model, images, tmp_path / "results", **usual | options)

    return asked


def test_every_picture_has_a_row_also_one_that_is_broken(ask: Ask, folder: Path) -> None:
    results = ask(workers=2)
    assert len(results) == 3 * EACH + 1
    table = results.to_dataframe()
    assert list(table["index"]) == [*range(13)]
    assert table["key"].is_unique
    assert {"red/0.png", "blue/3.png", "red/broken.png"} < set(table["key"])
    assert table.set_index("key")["source"]["blue/2.png"] == str(folder / "blue/2.png")
    right = table[table["error"] == ""]
    assert list(right["prediction"]) == list(right["label"]) == list(right["explained"])
    assert list(right["label_index"]) == [NAMES.index(name) for name in right["label"]]
    assert right["right"].all()
    assert results.accuracy() == 1.0
    (broken,) = results.errors().items()
    assert broken[0] == "red/broken.png"
    assert "no picture" in broken[1]
    assert "13 pictures, grad_cam" in repr(results)


def test_maps_and_numbers_are_those_of_explain(ask: Ask, model: ColourNet, folder: Path) -> None:
    methods = ["grad_cam", "saliency", "occlusion"]
    results = ask(methods=methods, logits=True)
    row = results.row("green/1.png")
    inputs = to_tensor(Image.open(folder / "green/1.png"))[None]
    scores = model(inputs)[0].detach()
    chances = scores.softmax(0)
    order = chances.argsort(descending=True)
    assert row["logits"] == pytest.approx(scores.tolist(), rel=1e-5)
    assert row["probability"] == pytest.approx(float(chances.max()), rel=1e-5)
    assert row["top_indices"] == order.tolist()
    assert row["top_names"] == [NAMES[i] for i in order]
    assert row["top_values"] == pytest.approx(chances[order].tolist(), rel=1e-5)
    assert row["size"] == [20, 28]
    for name in methods:
        window = dict(zip(("patch", "stride"), first_window((20, 28)), strict=True))
        options: Any = {"grad_cam": {"layer": "conv"}, "occlusion": window}.get(name, {})
        found = explain(model, inputs, name, **options)
        expected = found.maps()[0].numpy()
        step = (expected.max() - expected.min()) / 255
        values = results.map(row, name)
        assert values.shape == expected.shape
        assert np.abs(values - expected).max() <= 0.51 * step
        assert np.abs(results.heatmap("green/1.png", name) - found.heatmaps()[0]).max() < 0.01


def test_maps_can_be_kept_as_they_are(ask: Ask, model: ColourNet, folder: Path) -> None:
    results = ask(maps="float16")
    inputs = to_tensor(Image.open(folder / "blue/0.png"))[None]
    expected = explain(model, inputs, "grad_cam", layer="conv").maps()[0].numpy()
    assert results.map("blue/0.png", "grad_cam") == pytest.approx(expected, rel=1e-3)


def test_a_gallery_says_the_same(ask: Ask, model: ColourNet, folder: Path) -> None:
    methods, metrics = ["grad_cam", "guided_grad_cam"], ["deletion"]
    table = ask(methods=methods, metrics=metrics).to_dataframe().set_index("name")
    gallery = GalleryWidget(
        model, folder, NAMES, transform=to_tensor, methods=methods, page_size=13, metrics=metrics
    )
    gallery.order = "disagreement"
    gallery.wait(60)
    gallery.trust()
    line: Any
    name: Any
    for name, line in gallery.to_dataframe().set_index("name").iterrows():
        for column in ("probability", "disagreement", "deletion grad_cam"):
            assert table[column][name] == pytest.approx(line[column], abs=1e-5), (name, column)
        assert table["prediction"][name] == line["prediction"]
    gallery.close()


def test_the_thumbnail_lies_over_the_input(ask: Ask) -> None:
    row = ask(thumbnail=16).row("green/0.png")
    small = Image.open(io.BytesIO(row["thumbnail"]))
    assert small.size == (16, 11)
    assert np.asarray(small).mean((0, 1)) == pytest.approx((10, 210, 40), abs=20)


@pytest.mark.parametrize("target", [2, "blue"])
def test_one_class_is_explained_in_all(ask: Ask, target: int | str) -> None:
    table = ask(target=target).to_dataframe()
    right = table[table["error"] == ""]
    assert set(right["explained"]) == {"blue"}
    assert set(right["prediction"]) == set(NAMES)


def test_a_label_that_is_no_class_is_told_beside_what_the_model_says(ask: Ask) -> None:
    images = {"a": np.full((8, 8, 3), (0, 200, 0), np.uint8), "b": np.zeros((8, 8, 3), np.uint8)}
    results = ask(images, target="label", labels={"a": 1, "b": "mauve"})
    assert results.row("a")["explained"] == "green"
    row = results.row("b")
    assert "mauve" in row["error"]
    assert (row["label"], row["label_index"], row["right"]) == ("mauve", None, None)
    with pytest.raises(ValueError, match=r"no map of 'b'.*mauve"):
        results.map("b", "grad_cam")


class Drawn(Dataset[Any]):
    """Another picture at each look; of some sizes."""

    def __len__(self) -> int:
        return 40

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        if index == 7:
            raise RuntimeError("the disk is gone")
        return torch.rand(3, 8 + index % 2, 9), index % 3


@pytest.mark.parametrize("workers", [0, 2])
def test_a_torch_data_set_of_several_sizes(ask: Ask, workers: int) -> None:
    results = ask(Drawn(), transform=None, workers=workers, batch_size=3)
    assert len(results) == 40
    assert list(results.errors()) == ["7"]
    assert "the disk is gone" in results.errors()["7"]
    assert [row["label_index"] for row in results.rows(["label_index"])][:4] == [0, 1, 2, 0]
    assert {tuple(row["size"]) for row in results.rows(["size"]) if row["size"]} == {(8, 9), (9, 9)}


def test_files_that_come_twice_are_two_pictures(ask: Ask, folder: Path) -> None:
    file = folder / "red/0.png"
    table = ask([file, folder / "blue/0.png", file]).to_dataframe()
    assert list(table["key"]) == [str(file), str(folder / "blue/0.png"), f"{file}#2"]


def test_numbers_that_are_no_probabilities_are_values(folder: Path, tmp_path: Path) -> None:
    class Ages(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = ColourNet()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 40 + self.net(x)[:, :1]

    results = explain_dataset(
        Ages().eval(), folder, tmp_path / "ages", transform=to_tensor, target=0, progress=False
    )
    row = results.row("red/0.png")
    assert row["value"] > 40
    assert "probability" not in row
    assert row["right"] is None


def test_a_batch_that_does_not_fit_is_halved(folder: Path, tmp_path: Path) -> None:
    class Small(ColourNet):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if len(x) > 3:
                raise torch.OutOfMemoryError(f"no room for {len(x)}")
            return super().forward(x)

    results = explain_dataset(
        Small(), folder, tmp_path / "small", transform=to_tensor, batch_size=8, progress=False
    )
    assert list(results.errors()) == ["red/broken.png"]


def test_a_method_of_other_code(ask: Ask, model: ColourNet) -> None:
    def red(model: Any, inputs: torch.Tensor, target: Any, layer: Any) -> torch.Tensor:
        return inputs * inputs

    own = method("red", "Red", red, family="gradient")
    results = ask(methods=["grad_cam", own])
    assert results.question.methods == ("grad_cam", "red")
    assert results.map("red/1.png", "red").shape == (20, 28)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"methods": "grad_cam"}, TypeError, r"expected a list: \['grad_cam'\]"),
        ({"methods": ["gradcam"]}, ValueError, "gradcam"),
        ({"metrics": ["deleted"]}, ValueError, "'deleted'; there are 'deletion'"),
        ({"metrics": "deletion"}, TypeError, r"expected a list: \['deletion'\]"),
        ({"maps": "int8"}, ValueError, "maps is 'int8'; expected one of 'uint8', 'float16'"),
        ({"engine": "spark"}, ValueError, "engine is 'spark'"),
        ({"thumbnail": 0}, ValueError, "thumbnail is 0; expected a number of pixels"),
        ({"target": "purple"}, ValueError, "purple"),
        ({"target": 3}, ValueError, "3"),
        ({"target": None}, TypeError, "target is None; expected 'predicted'"),
        ({"layer": "conv9"}, ValueError, "conv9"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"workers": -1}, ValueError, "workers is -1"),
        ({"labels": [1]}, ValueError, "1 labels for 13 pictures"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(
    ask: Ask, tmp_path: Path, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ask(**options)
    assert not (tmp_path / "results").exists()


def test_what_is_not_there_is_told(ask: Ask, tmp_path: Path) -> None:
    results = ask()
    with pytest.raises(ValueError, match="no column 'colour'; there are index, key"):
        results.to_dataframe(["colour"])
    with pytest.raises(KeyError, match="no picture 99"):
        results.row(99)
    with pytest.raises(ValueError, match="there are maps of 'grad_cam'"):
        results.map(0, "saliency")
    with pytest.raises(FileNotFoundError, match=r"no results in .*nowhere"):
        Results(tmp_path / "nowhere")


def test_progress_is_told(ask: Ask) -> None:
    heard: list[tuple[int, int]] = []
    ask(progress=lambda done, total: heard.append((done, total)))
    assert heard[0] == (0, 13)
    assert heard[-1] == (13, 13)
    assert heard == sorted(heard)
