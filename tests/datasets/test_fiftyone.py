"""Results as FiftyOne shows them; runs where FiftyOne is installed, which is too large for the usual environment."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import transforms

from xcnn_widgets import explain_dataset

from .conftest import EACH, ColourNet
from .test_saved_pictures import explained, photo


def test_labels_predictions_and_heatmaps(model: ColourNet, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("fiftyone")
    methods = ["grad_cam", "saliency"]
    results = explained(model, folder, tmp_path / "results", methods=methods)
    made = results.to_fiftyone()
    try:
        assert len(made) == 3 * EACH + 1
        rows = {row["index"]: row for row in results.rows()}
        for sample in made:
            row = rows[sample["row"]]
            assert sample.filepath == row["source"]
            if row["error"]:
                assert sample["error"] == row["error"]
                assert sample["prediction"] is None
                continue
            assert sample["ground_truth"].label == row["label"]
            assert sample["prediction"].label == row["prediction"]
            assert sample["prediction"].confidence == pytest.approx(row["probability"])
            for method in methods:
                heat = sample[method]
                assert heat.range == [0, 255]
                assert heat.map.shape == (114, 160)
                small = results.heatmap(row, method)
                assert abs(heat.map.mean() / 255 - small.mean()) < 0.02
    finally:
        made.delete()


def test_a_heatmap_lies_where_the_model_saw_the_picture(model: ColourNet, tmp_path: Path) -> None:
    pytest.importorskip("fiftyone")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    photo(320, 240).save(pictures / "photo.png")
    middle = transforms.Compose(
        [transforms.Resize(64), transforms.CenterCrop(56), transforms.ToTensor()]
    )
    flipped = transforms.Compose([transforms.RandomHorizontalFlip(p=1), transforms.ToTensor()])
    made = explained(model, pictures, tmp_path / "middle", transform=middle).to_fiftyone()
    try:
        heat = made.first()["grad_cam"].map
        assert heat.shape == (120, 160)
        inside = heat[8:112, 28:132]
        assert heat.max() == inside.max() == 255
        outside = np.array(heat)
        outside[7:113, 27:133] = 0
        assert outside.max() == 0
    finally:
        made.delete()
    made = explained(model, pictures, tmp_path / "flipped", transform=flipped).to_fiftyone()
    try:
        sample = made.first()
        assert not sample.has_field("grad_cam")
        assert sample["error"] == "no heatmap: the input is another picture than its source"
    finally:
        made.delete()


def test_pictures_that_are_no_files_are_refused(model: ColourNet, tmp_path: Path) -> None:
    pytest.importorskip("fiftyone")
    results = explain_dataset(
        model, torch.rand(3, 3, 8, 8), tmp_path / "results", progress=False, workers=0
    )
    with pytest.raises(
        ValueError, match=r"none of these pictures is one that is there; .*save_pictures"
    ):
        results.to_fiftyone()


def test_without_fiftyone_the_way_out_is_named(
    model: ColourNet, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = explained(model, folder, tmp_path / "results")
    monkeypatch.setitem(sys.modules, "fiftyone", None)
    with pytest.raises(ImportError, match="to_fiftyone needs FiftyOne: pip install fiftyone"):
        results.to_fiftyone()
