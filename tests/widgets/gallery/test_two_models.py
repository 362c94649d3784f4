"""A gallery of two models: columns by method and model, what changed, and what leaves it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets import GalleryWidget
from xcnn_widgets.metrics import disagreement

from ...models.two_by_hand import colour_net, to_input
from .two_models import GREEN, PICTURES, RED, Make, galleries, names, nets


@pytest.fixture
def make() -> Iterator[Make]:
    with galleries() as made:
        yield made


def test_each_method_has_a_column_for_each_model(make: Make) -> None:
    row = make(nets(), methods=["grad_cam", "saliency"]).finished_rows()[0]
    assert [*row["maps"]] == ["grad_cam", "grad_cam@after", "saliency", "saliency@after"]
    assert row["model"] == "before" and [each["model"] for each in row["beside"]] == ["after"]
    assert {state["target"]["name"] for state in row["maps"].values()} == {
        row["prediction"]["name"]
    }


def test_one_model_in_a_dict_is_as_one_alone(make: Make) -> None:
    net = colour_net(RED, GREEN)
    one, alone = make({"only": net}), make(net)
    for mine, its in zip(one.finished_rows(), alone.finished_rows(), strict=True):
        assert mine.keys() == its.keys() and [*mine["maps"]] == [*its["maps"]]
        assert mine["prediction"]["index"] == its["prediction"]["index"]
    assert one._models == alone._models == []


def test_each_model_sees_a_picture_as_often_as_one_alone(make: Make) -> None:
    models, seen = {**nets(), "alone": colour_net(RED, GREEN)}, Counter[str]()
    # The gallery opens with the first picture, on which layers are found.
    wanted = to_input(PICTURES["b"])

    def count(name: str, given: torch.Tensor) -> None:
        seen[name] += sum(torch.equal(one, wanted) for one in given)

    for name, net in models.items():
        net.register_forward_hook(lambda _, given, __, name=name: count(name, given[0]))
    options = {"labels": ["r", "g", "r"], "methods": ["grad_cam", "saliency"]}
    make(models.pop("alone"), **options)
    gallery = make(models, **options)
    assert seen["before"] == seen["after"] == seen["alone"] > 0
    before = Counter(seen)
    gallery.summary()
    gallery.order = "map_change"
    gallery.show = "broken"
    gallery.wait(60)
    assert seen == before


def test_orders_begin_with_what_changed_most(make: Make) -> None:
    torch.manual_seed(0)
    models = {
        "before": colour_net(RED, GREEN),
        "after": colour_net((4.0, 1.0, 0.0), (2.0, 3.0, 0.0)),
    }
    gallery = make(models, methods=["grad_cam"], order="map_change")
    rows = gallery.finished_rows()
    apart = [row["map_change"] for row in rows]
    assert apart == sorted(apart, reverse=True) and None not in apart
    for row in rows:
        target = row["maps"]["grad_cam"]["target"]["index"]
        maps = [
            xw.explain(net, to_input(PICTURES[row["name"]]).unsqueeze(0), "grad_cam", target).maps()
            for net in models.values()
        ]
        assert row["map_change"] == pytest.approx(float(disagreement(*maps)), abs=1e-3)
    gallery.order = "value_change"
    gallery.wait(60)
    moved = [
        abs(
            row["maps"]["grad_cam@after"]["target"]["probability"]
            - row["maps"]["grad_cam"]["target"]["probability"]
        )
        for row in gallery.finished_rows()
    ]
    assert moved == sorted(moved, reverse=True)
    gallery.order = "changed"
    gallery.wait(60)
    changed = [row["changed"] for row in gallery.finished_rows()]
    assert changed == sorted(changed, reverse=True)


def test_fixed_and_broken_need_labels_and_two_models(make: Make) -> None:
    gallery = make(nets(), labels=["r", "g", "r"])
    verdicts = {
        row["name"]: (row["right"], row["beside"][0]["right"]) for row in gallery.finished_rows()
    }
    gallery.show = "fixed"
    assert names(gallery) == [name for name, said in verdicts.items() if said == (False, True)]
    gallery.show = "broken"
    broken = names(gallery)
    assert broken == [name for name, said in verdicts.items() if said == (True, False)]
    assert broken
    with pytest.raises(TraitError, match="no labels"):
        make(nets()).show = "fixed"
    with pytest.raises(TraitError, match="there is one model"):
        make(colour_net(RED, GREEN), labels=["r", "g", "r"]).show = "fixed"
    with pytest.raises(TraitError, match="there is one model"):
        make(colour_net(RED, GREEN)).order = "changed"


def test_the_summary_tells_of_each_model_and_what_changed(make: Make) -> None:
    summary = make(nets(), labels=["r", "g", "r"]).summary()
    other = summary.beside[0]
    assert (summary.model, other.model) == ("before", "after")
    assert summary.changes is not None
    assert summary.right + summary.changes.fixed - summary.changes.broken == other.right
    assert summary.changes.changed == 3
    assert str(summary).startswith("before: accuracy ")


def test_models_may_differ_in_classes_layers_and_sizes(make: Make) -> None:
    torch.manual_seed(1)
    other = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.Conv2d(4, 3, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    models = {"before": colour_net(RED, GREEN), "after": other}
    half = {"before": to_input, "after": lambda given: to_input(given)[:, ::2, ::2]}
    gallery = make(
        models,
        class_names={"before": ["r", "g"], "after": ["g", "blue", "r"]},
        transform=half,
        labels=["r", "g", "blue"],
        methods=["grad_cam"],
    )
    for row in gallery.finished_rows():
        beside, own = row["beside"][0], row["maps"]["grad_cam@after"]
        assert own["target"]["name"] == row["prediction"]["name"]
        assert own["own_layer"] != own["layer"] == "relu"
        assert beside["size"] == [10, 15] and "another" in beside["why"]
        assert row["map_change"] is None
    # A class that the second has not leaves the first one's map alone.
    models = {"before": other, "after": colour_net(RED, GREEN)}
    gallery = make(
        models,
        class_names={"before": ["g", "blue", "r"], "after": ["r", "g"]},
        target="blue",
        methods=["grad_cam"],
    )
    assert [*gallery.finished_rows()[0]["maps"]] == ["grad_cam"]
    assert gallery.error == ""


@pytest.mark.parametrize("rows", ["layers", "classes"])
def test_layers_and_classes_are_compared_between_models(make: Make, rows: str) -> None:
    gallery = make(nets(), rows=rows, methods=["grad_cam"])
    assert [[*row["maps"]] for row in gallery.finished_rows()] == [
        ["grad_cam", "grad_cam@after"]
    ] * (1 if rows == "layers" else 2)


def test_files_and_figures_hold_both_models(make: Make, tmp_path: Path) -> None:
    gallery = make(nets(), methods=["grad_cam"])
    written = {path.name for path in gallery.save(tmp_path)}
    assert {"000-a-grad_cam-before.png", "000-a-grad_cam-after.png", "pictures.csv"} <= written
    with (tmp_path / "pictures.csv").open(encoding="utf-8") as file:
        line = next(csv.DictReader(file))
    assert line["prediction"] != line["prediction (after)"] and line["changed"] == "True"
    titles = [axes.get_title() for axes in gallery.figure().axes]
    assert {"Grad-CAM, before", "Grad-CAM, after"} <= {*titles}


def test_the_explorer_of_a_row_has_both_models(make: Make) -> None:
    gallery = make(nets())
    gallery.selected = 1
    explorer = gallery.explorer()
    explorer.wait(60)
    assert (explorer.model, explorer.beside, explorer.image_index) == ("before", "after", 1)
    explorer.close()


def test_what_is_computed_ahead_is_of_both_models(make: Make) -> None:
    gallery = make(nets(), methods=["grad_cam"])
    gallery.precompute(methods=["grad_cam"], targets=["predicted"])
    saved = gallery.page_state()["_atlas"]
    maps = [(each["method"], each["image_index"]) for each in saved["maps"]]
    assert sorted(maps) == [(name, i) for name in ("grad_cam", "grad_cam@after") for i in range(3)]
    apart = [each["disagreements"]["grad_cam"] for each in saved["maps"] if "@" in each["method"]]
    shown = [row["map_change"] for row in gallery.finished_rows()]
    assert apart == pytest.approx(shown)
    assert [each["row"]["beside"][0]["model"] for each in saved["images"]] == ["after"] * 3
    assert [each["row"]["changed"] for each in saved["images"]] == [True] * 3


def test_a_dict_that_does_not_fit_is_refused_with_its_key() -> None:
    with pytest.raises(ValueError, match="there is no model in this dict"):
        GalleryWidget({}, PICTURES)
    with pytest.raises(TypeError, match="model 'after': model is a int"):
        GalleryWidget({"before": colour_net(RED, GREEN), "after": 3}, PICTURES, transform=to_input)


def test_checkpoints_are_models_by_name(make: Make, tmp_path: Path) -> None:
    for number, net in enumerate(nets().values()):
        torch.save(net.state_dict(), tmp_path / f"epoch{number}.pt")
    gallery = make(xw.checkpoints(colour_net(RED, GREEN), tmp_path), methods=["grad_cam"])
    row = gallery.finished_rows()[0]
    assert row["model"] == "epoch0"
    assert [*row["maps"]] == ["grad_cam", "grad_cam@epoch1"]
    expected = make(nets(), methods=["grad_cam"]).finished_rows()[0]["maps"]
    for mine, other in zip(row["maps"].values(), expected.values(), strict=True):
        assert (mine["range"], mine["data"]) == (other["range"], other["data"])
