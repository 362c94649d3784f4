"""A stored output that is no longer true fails nbval; `make test` runs it on the notebooks themselves."""

from __future__ import annotations

import copy

import nbformat
import pytest

CELLS = (
    "import torch, xcnn_widgets as xw",
    """
torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
)
noise = {"noise": torch.rand(3, 48, 64)}
widget = xw.ExplainerWidget(model, noise, ["a", "b", "c", "d"], target="b")
widget
""",
    "print(widget.heatmap.shape)",
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A small notebook with a widget, and its outputs as the notebooks' own script stores them."""
    from .store_outputs import run

    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    return run(nbformat.v4.new_notebook(cells=cells), tmp_path_factory.mktemp("run"))


def test_true_outputs_pass(stored, nbval):
    code, words = nbval(stored)
    assert code == 0, words
    assert "3 passed" in words


def test_another_printed_number_fails(stored, nbval):
    changed = copy.deepcopy(stored)
    changed.cells[2].outputs[0].text = "(224, 225)\n"
    code, words = nbval(changed)
    assert code == 1, words
    assert "1 failed, 2 passed" in words


def test_another_widget_repr_fails(stored, nbval):
    changed = copy.deepcopy(stored)
    data = changed.cells[1].outputs[0].data
    data["text/plain"] = data["text/plain"].replace("target='b'", "target='c'")
    code, words = nbval(changed)
    assert code == 1, words
    assert "1 failed, 2 passed" in words
