"""What the extras clusters, zarr and ray bring works at their lowest versions, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from xcnn_widgets import Results, explain_dataset

PICTURES = {
    f"{i}": np.random.default_rng(i).integers(0, 255, (12, 16, 3), np.uint8) for i in range(20)
}


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    ).eval()


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """By the local engine."""
    return explain_dataset(
        model(), PICTURES, tmp_path_factory.mktemp("local"), progress=False, workers=0
    )


def test_pictures_are_grouped_by_scikit_learn(explained: Results) -> None:
    groups = explained.cluster("grad_cam", 2)
    assert sum(groups.sizes) == 20


def test_maps_are_written_with_zarr(explained: Results, tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    explained.to_zarr(tmp_path / "maps.zarr", size=(224, 224))
    group = zarr.open_group(tmp_path / "maps.zarr", mode="r")
    place = list(group["index"][:]).index(3)
    np.testing.assert_allclose(
        group["grad_cam"][place], explained.heatmap("3", "grad_cam"), atol=1e-6
    )


def test_workers_of_ray_find_the_same(
    explained: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    ray.init("local", num_cpus=1, include_dashboard=False, object_store_memory=100 * 2**20)
    try:
        found = explain_dataset(
            model(), PICTURES, tmp_path / "ray", progress=False, engine="ray", workers=1
        )
    finally:
        ray.shutdown()
    for key in PICTURES:
        np.testing.assert_allclose(
            found.heatmap(key, "grad_cam"), explained.heatmap(key, "grad_cam"), atol=1e-2
        )
