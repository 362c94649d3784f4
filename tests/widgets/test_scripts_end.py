"""A script that ends while a widget works ends at once, with status 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = """
import torch
from torch import nn
import xcnn_widgets as xw

torch.manual_seed(0)
model = nn.Sequential(*(layer for i in range(4) for layer in (nn.Conv2d(3 if i == 0 else 16, 16, 3, padding=1), nn.ReLU())),
                      nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
pictures = torch.rand(300, 3, 96, 128)
"""
ENDS = {
    "gallery": "w = xw.GalleryWidget(model, pictures, order='disagreement')",
    "explorer": "w = xw.ExplainerWidget(model, pictures[:40])\nw.set_state({'method': 'occlusion', 'stride': 1, 'patch': 8})",
}


@pytest.mark.parametrize("last_line", ENDS.values(), ids=ENDS.keys())
def test_a_script_that_does_not_wait_ends_with_status_0(last_line: str) -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{MODEL}\n{last_line}\nassert w.progress is not None or w._worker.busy",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
