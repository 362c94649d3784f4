"""A data set is explained, written and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from xcnn_widgets import Results, explain_dataset


def test_a_data_set_is_written_and_read(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    ).eval()
    pictures = {f"{i}": np.full((12, 16, 3), 10 * i, np.uint8) for i in range(20)}
    for workers in (2, 0):
        explain_dataset(model, pictures, tmp_path, progress=False, workers=workers)
    results = Results(tmp_path)
    table = results.to_dataframe()
    assert list(table["key"]) == list(pictures)
    assert table["error"].eq("").all()
    assert results.heatmap("3", "grad_cam").shape == (224, 224)
    assert results.accuracy() is None
