"""A study of many pictures, driven from a script: no widget, no front end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xcnn_widgets.study.asking import Ask, Request
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.filling import fill, filled
from xcnn_widgets.study.order import Selection
from xcnn_widgets.study.page_screen import Page
from xcnn_widgets.study.results import failures_by_name, table
from xcnn_widgets.study.work import Work

from ..widgets.conftest import to_input
from ..widgets.gallery.parts import WatchedModel, noise, plain

COLOURS = ["red", "green", "blue"]
# Named by their colours; the stronger the colour, the surer the model. Of black it says NaN.
PICTURES = dict(
    zip(
        ["red 9", "green 5", "blue 7", "red 3", "black"],
        plain((230, 10, 10), (10, 130, 10), (10, 10, 180), (80, 10, 10), (0, 0, 0)),
        strict=True,
    )
)
BOTH = Ask(("grad_cam", "guided_grad_cam"), "conv", "predicted")


@pytest.fixture
def work() -> Work:
    exploration = Exploration(WatchedModel(), PICTURES, COLOURS, transform=to_input)
    made = Work(exploration, labels=[0, 1, 0, 1, 2])
    made.open()
    return made


def shown(work: Work, ask: Ask = BOTH, **asked: Any) -> Page:
    selection = {name: asked.pop(name) for name in ("order", "show", "show_text") if name in asked}
    return filled(work, Request(ask, selection=Selection(**selection), **asked))


def names(page: Page) -> list[str]:
    return [page.rows[position]["name"] for position in sorted(page.rows)]


def test_a_page_has_the_rows_in_their_order_and_tells_what_failed(work: Work) -> None:
    page = shown(work)
    assert names(page) == list(PICTURES)
    assert page.facts == {"rows": 5, "page": 0, "pages": 1, "matches": 5, "total": 5}
    assert page.status == "5 of 5 pictures shown; 1 could not be read or explained"
    assert [row["right"] for row in page.rows.values()] == [True, True, False, False, None]
    assert all(set(page.rows[place]["maps"]) == set(BOTH.methods) for place in range(4))
    assert "NaN" in page.rows[4]["error"]
    assert list(failures_by_name(work, BOTH)) == ["black"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"order": "confidence"}, ["red 9", "blue 7", "green 5", "red 3", "black"]),
        ({"order": "wrong"}, ["blue 7", "red 3", "red 9", "green 5", "black"]),
        ({"show": "wrong", "order": "least_confident"}, ["red 3", "blue 7"]),
        ({"show_text": "RED"}, ["red 9", "red 3"]),
    ],
)
def test_orders_and_filters_choose_among_the_pictures(
    work: Work, selection: dict[str, Any], expected: list[str]
) -> None:
    assert names(shown(work, **selection)) == expected


def test_the_most_disagreement_comes_first_and_stands_in_the_table() -> None:
    pytest.importorskip("pandas")
    work = Work(Exploration(WatchedModel(), noise(5), COLOURS, transform=to_input))
    work.open()
    numbers = [row["disagreement"] for row in shown(work, order="disagreement").rows.values()]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) > 1
    assert sorted(table(work, BOTH)["disagreement"], reverse=True) == numbers


def test_a_label_that_is_no_class_cannot_be_explained_and_its_prediction_can() -> None:
    work = Work(
        Exploration(WatchedModel(), PICTURES, COLOURS, transform=to_input),
        labels={"red 9": "zebra"},
    )
    work.open()
    label = Ask(BOTH.methods, BOTH.layer, "label")
    page = shown(work, label, page_size=1)
    assert "'zebra'" in page.rows[0]["error"]
    assert failures_by_name(work, label) == {"red 9": page.rows[0]["error"]}
    assert failures_by_name(work, BOTH) == {}
    assert shown(work, page_size=1).rows[0]["error"] == ""


def test_layers_and_classes_of_one_picture_are_compared(work: Work) -> None:
    layers = shown(work, rows="layers", image_index=1)
    assert [row["title"] for row in layers.rows.values()] == ["conv (3 x 12 x 20)"]
    classes = shown(work, rows="classes", image_index=1)
    assert classes.rows[0]["title"].startswith("green (")
    assert classes.status == "3 classes of green 5 shown"
    with pytest.raises(RuntimeError, match="NaN"):
        shown(work, rows="classes", image_index=4)


def test_what_is_known_is_not_computed_again(work: Work) -> None:
    model = work.exploration.model
    first = shown(work)
    model.batches.clear()  # type: ignore[operator]
    assert shown(work, page_size=4).rows == {place: first.rows[place] for place in range(4)}
    assert model.batches == []


def test_a_screen_hears_how_far_it_is_and_can_stop_the_work() -> None:
    class Impatient(Page):
        def tell(self, **told: Any) -> None:
            heard.append(told.get("progress"))
            super().tell(**told)

        def cancelled(self) -> bool:
            return 0.5 in heard

    heard: list[float | None] = []
    work = Work(Exploration(WatchedModel(), noise(4), COLOURS, transform=to_input), batch_size=2)
    work.open()
    screen = Impatient()
    fill(work, Request(BOTH), screen)
    assert sorted(screen.rows) == [0, 1]
    assert heard[:2] == [0, 0.5]


def test_disagreements_of_the_oldest_pair_are_forgotten_first(work: Work) -> None:
    findings = work.findings
    asks = [Ask(("grad_cam", "saliency"), "conv", target) for target in range(3)]
    for ask in asks:
        findings.keep_disagreements(ask, ((index, 0.5) for index in range(45_000)))
    assert [len(findings.disagreements(ask)) for ask in asks] == [0, 45_000, 45_000]
    # Those of the pair asked about last are always kept.
    findings.keep_disagreements(asks[0], ((index, 0.5) for index in range(150_000)))
    assert [len(findings.disagreements(ask)) for ask in asks] == [150_000, 0, 0]


SCRIPT = """
import sys, types
# The package itself hands on the widgets.
package = types.ModuleType("xcnn_widgets")
package.__path__ = [sys.argv[1]]
sys.modules["xcnn_widgets"] = package

import torch
from xcnn_widgets.study.asking import Ask, Request
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.filling import filled
from xcnn_widgets.study.order import Selection
from xcnn_widgets.study.work import Work
import xcnn_widgets.study.challenge, xcnn_widgets.study.drawing, xcnn_widgets.study.hiding
import xcnn_widgets.study.results

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
)
work = Work(Exploration(model, torch.rand(5, 3, 24, 32)))
work.open()
ask = Ask(("grad_cam", "saliency"), "1", "predicted")
page = filled(work, Request(ask, selection=Selection(order="disagreement")))
print(page.status, len(page.rows))
print({name.split(".")[0] for name in sys.modules} & {"ipywidgets", "traitlets", "anywidget", "IPython"})
"""


def test_a_script_needs_no_front_end() -> None:
    package = Path(__file__).parents[2] / "xcnn_widgets"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(package)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["5 of 5 pictures shown 5", "set()"]
