"""Maps as arrays of a Zarr group."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from xcnn_widgets import Results, explain_dataset

from .conftest import NAMES, ColourNet, to_tensor


@pytest.fixture
def results(model: ColourNet, folder: Path, tmp_path: Path) -> Results:
    return explain_dataset(
        model,
        folder,
        tmp_path / "results",
        methods=["grad_cam", "saliency"],
        class_names=NAMES,
        transform=to_tensor,
        progress=False,
        workers=0,
    )


def test_zarr_reads_the_maps(results: Results, tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    results.to_zarr(tmp_path / "maps.zarr")
    group: Any = zarr.open_group(tmp_path / "maps.zarr", mode="r")
    assert set(group.array_keys()) == {
        "index",
        "label_index",
        "prediction_index",
        "grad_cam",
        "saliency",
    }
    assert group["saliency"].shape == (13, 20, 28)
    assert group["saliency"].dtype == np.float32
    rows = list(results.rows())
    assert group["index"][:].tolist() == [row["index"] for row in rows]
    for name in ("label_index", "prediction_index"):
        assert group[name][:].tolist() == [-1 if row[name] is None else row[name] for row in rows]
    for place, row in enumerate(rows):
        for method in ("grad_cam", "saliency"):
            found = group[method][place]
            if row["error"]:
                assert np.isnan(found).all()
            else:
                assert np.array_equal(found, results.map(row, method))
    assert group.attrs["asked"]["class_names"] == NAMES
    assert group.attrs["values"] == "maps"


def test_many_maps_are_chunks_of_a_thousand(model: ColourNet, tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    images = torch.rand(2_100, 3, 8, 6)
    results = explain_dataset(
        model, images, tmp_path / "results", class_names=NAMES, progress=False, workers=0
    )
    results.to_zarr(tmp_path / "maps.zarr")
    maps: Any = zarr.open_group(tmp_path / "maps.zarr", mode="r")["grad_cam"]
    assert maps.chunks == (1_000, 8, 6)
    for row in (0, 999, 1_000, 2_099):
        assert np.array_equal(maps[row], results.map(row, "grad_cam"))


def test_maps_of_several_sizes_are_heatmaps_of_one(model: ColourNet, tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    images = [torch.rand(3, 8, 6), torch.rand(3, 10, 6)]
    results = explain_dataset(
        model, images, tmp_path / "results", class_names=NAMES, progress=False, workers=0
    )
    with pytest.raises(ValueError, match=r"2 shapes: \(8, 6\), \(10, 6\); with size=\(H, W\)"):
        results.to_zarr(tmp_path / "maps.zarr")
    assert not (tmp_path / "maps.zarr").exists()
    results.to_zarr(tmp_path / "maps.zarr", size=(16, 12))
    group: Any = zarr.open_group(tmp_path / "maps.zarr", mode="r")
    assert group["grad_cam"].shape == (2, 16, 12)
    assert group.attrs["values"] == "heatmaps"
    assert (group["grad_cam"][:].min((1, 2)), group["grad_cam"][:].max((1, 2))) == (
        pytest.approx([0, 0]),
        pytest.approx([1, 1]),
    )


def test_what_is_there_stays(results: Results, tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    (tmp_path / "maps.zarr").mkdir()
    with pytest.raises(FileExistsError, match="is there already; choose another path"):
        results.to_zarr(tmp_path / "maps.zarr")
    with pytest.raises(ValueError, match="there are maps of 'grad_cam', 'saliency'"):
        results.to_zarr(tmp_path / "other.zarr", methods=["occlusion"])


def test_without_zarr_the_extra_is_named(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match=r"pip install 'xcnn-widgets\[zarr\]'"):
        results.to_zarr(tmp_path / "maps.zarr")
