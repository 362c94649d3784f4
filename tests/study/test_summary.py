"""How well a model does, counted by hand; orders and filters as tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.study import Ask, Exploration, Files, Looks, Selection, Summary, Work
from xcnn_widgets.study.files import explained_rows, save_pictures
from xcnn_widgets.study.order import FILTERS, ORDERS, in_order, passing

NAMES = ["red", "green", "blue"]
ASK = Ask(("grad_cam", "saliency"), "conv", "predicted")
LOOKS = Looks("overlay", 0.5, "viridis", common_range=False)


class Colours(nn.Module):
    """Three classes, whose scores are ten times the mean red, green and blue."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1, bias=False)
        with torch.no_grad():
            self.conv.weight.copy_(torch.eye(3).reshape(3, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return 10 * torch.relu(self.conv(x)).mean((2, 3))


def to_input(picture: Any) -> Tensor:
    return torch.from_numpy(np.array(picture) / 255).permute(2, 0, 1).float()


@pytest.fixture
def work() -> Work:
    """Predicted red, red, green, blue, blue; one cannot be read, one has no label, one a label that is no class."""
    levels = [(230, 0, 0), (90, 0, 0), (0, 200, 0), (0, 0, 180), (0, 0, 60), (9, 0, 0), (8, 0, 0)]
    pictures: dict[str, Any] = {
        f"p{i}": np.full((12, 20, 3), level, np.uint8) for i, level in enumerate(levels)
    }
    pictures["broken"] = b"no picture"
    labels = ["red", "green", "green", "green", "blue", None, "dragon", "red"]
    work = Work(Exploration(Colours(), pictures, NAMES, transform=to_input), labels)
    work.open()
    return work


def test_accuracy_and_confusion_are_those_counted_by_hand(work: Work) -> None:
    assert Summary.of(work).unread == 8
    list(work.predict(range(8)))
    found = Summary.of(work)
    assert replace(found, values=None) == Summary(
        pictures=8, right=3, wrong=2, unlabelled=2, unread=1,
        confusion={(0, 0): 1, (1, 0): 1, (1, 1): 1, (1, 2): 1, (2, 2): 1},
    )  # fmt: skip
    assert found.accuracy == pytest.approx(0.6)
    assert str(found) == (
        "accuracy 60.0% (3 of 5), 2 wrong, 1 not read, 2 without a label among the classes"
    )
    assert found.state()["confusion"] == [[0, 0, 1], [1, 0, 1], [1, 1, 1], [1, 2, 1], [2, 2, 1]]


def test_each_cell_of_the_confusion_is_what_its_two_filters_let_through(work: Work) -> None:
    list(work.predict(range(8)))
    known = work.findings.known(ASK)
    for (label, predicted), count in Summary.of(work).confusion.items():
        chosen = Selection(show_label=label, show_class=predicted)
        assert chosen.needs_predictions
        assert len(passing(range(8), chosen, known)) == count
    assert passing(range(8), Selection(show_label=1), known) == [1, 2, 3]
    assert passing(range(8), Selection(show_label=1, show="wrong"), known) == [1, 3]


def test_every_order_puts_what_is_not_known_last(work: Work) -> None:
    list(work.predict(range(8)))
    known = work.findings.known(ASK)
    for order in ORDERS.keys() - {"given"}:
        assert in_order([7, 0, 1], order, known)[-1] in (1, 7)
        assert sorted(in_order(range(8), order, known)) == list(range(8))
    assert in_order(range(8), "wrong", known)[:2] == [3, 1]


def test_a_filter_of_the_table_is_a_field_of_the_selection() -> None:
    assert FILTERS.keys() <= Selection.__dataclass_fields__.keys()
    assert Selection().filters == {}
    assert Selection(show="wrong", show_label=0).filters == {"show": "wrong", "show_label": 0}


def saved(files: Files, indices: range, work: Work, ask: Ask, looks: Looks) -> Iterator[float]:
    """Saves pictures, with what is told of it."""
    explained = partial(explained_rows, work, ask, indices, lambda: False)
    return save_pictures(files, explained, len(indices), work.exploration, looks)


def test_files_keep_their_names_and_never_take_anothers_place(work: Work, tmp_path: Path) -> None:
    def save() -> Files:
        files = Files(tmp_path / "new", arrays=True)
        shares = list(saved(files, range(8), work, ASK, LOOKS))
        assert shares[-1] == 1
        files.save_table()
        return files

    first, second = save(), save()
    names = [path.name for path in first.written]
    assert names[:3] == ["000-p0-grad_cam.png", "000-p0-saliency.png", "000-p0.npz"]
    assert (len(names), names[-1], first.pictures, first.failed) == (22, "pictures.csv", 7, 1)
    assert [path.name for path in second.written][:3] == [
        "000-p0-2-grad_cam.png", "000-p0-2-saliency.png", "000-p0-2.npz",
    ]  # fmt: skip
    assert not {*first.written} & {*second.written}
    assert all(path.is_file() for path in (*first.written, *second.written))

    with np.load(first.written[2]) as arrays:
        assert arrays["grad_cam"].shape == (12, 20)
        heat = arrays["saliency_heatmap"]
    assert (heat.shape, heat.dtype) == ((12, 20), np.float32)

    with first.written[-1].open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["index"] for line in lines] == [str(i) for i in range(8)]
    assert (lines[1]["label"], lines[1]["prediction"], lines[1]["right"]) == (
        "green", "red", "False",
    )  # fmt: skip
    assert lines[0]["arrays"] == "000-p0.npz"
    assert lines[7]["name"] == "broken"
    assert lines[7]["error"]


def test_one_range_for_all_files_is_found_before_the_first_is_drawn(
    work: Work, tmp_path: Path
) -> None:
    shared = Looks("heatmap", 1.0, "gray", common_range=True)
    files = Files(tmp_path)
    ask = Ask(("grad_cam",), "conv", "predicted")
    shares = list(saved(files, range(5), work, ask, shared))
    assert shares == [0.5, 1.0]
    assert len(files.written) == 5
