"""A gallery of two models reads the one that is chosen: filters, orders, metrics and tables go by what it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn
from traitlets import TraitError

import xcnn_widgets as xw
from xcnn_widgets import GalleryWidget
from xcnn_widgets.metrics import deletion

from ...models.two_by_hand import colour_net, to_input
from .two_models import GREEN, PICTURES, RED, Make, galleries, names, nets

LABELS = ["r", "g", "r"]


@pytest.fixture
def make() -> Iterator[Make]:
    with galleries(labels=LABELS, methods=["grad_cam"]) as made:
        yield made


def test_the_first_model_is_read_at_first_and_others_by_name(make: Make) -> None:
    gallery = make(nets())
    assert gallery.model == "before"
    gallery.model = "after"
    gallery.model = None
    assert gallery.model == "before"
    with pytest.raises(TraitError, match="model = 'later': choose one of 'before', 'after'"):
        gallery.model = "later"
    assert make(nets(), model="after").model == "after"
    with pytest.raises(TraitError, match="there is one model"):
        make(colour_net(RED, GREEN)).model = "before"


@pytest.mark.parametrize("show", ["right", "wrong"])
def test_right_and_wrong_are_the_chosen_models(make: Make, show: str) -> None:
    gallery = make(nets())
    right = {
        row["name"]: {"before": row["right"], "after": row["beside"][0]["right"]}
        for row in gallery.finished_rows()
    }
    assert right["a"]["before"] != right["a"]["after"]
    gallery.show = show
    for model in ("before", "after"):
        gallery.model = model
        wanted = [name for name, said in right.items() if said[model] is (show == "right")]
        assert names(gallery) == wanted
    # What changed stays what changed from the first to the last.
    gallery.show = "fixed"
    fixed = [name for name, said in right.items() if (said["before"], said["after"]) == (0, 1)]
    assert names(gallery) == fixed


def test_orders_by_confidence_are_the_chosen_models(make: Make) -> None:
    gallery = make(nets(), order="confidence")
    said = {
        row["name"]: row["beside"][0]["prediction"]["probability"]
        for row in gallery.finished_rows()
    }
    gallery.model = "after"
    assert names(gallery) == sorted(said, key=lambda name: -said[name])


def test_classes_that_are_filtered_by_keep_their_names(make: Make) -> None:
    torch.manual_seed(1)
    three = colour_net(RED, GREEN)
    three[-1] = nn.Linear(3, 3)
    class_names = {"before": ["r", "g"], "after": ["g", "blue", "r"]}
    gallery = make({"before": colour_net(RED, GREEN), "after": three}, class_names=class_names)
    gallery.show_label = "r"
    assert names(gallery) == ["a", "c"] and gallery.show_label == 0
    gallery.model = "after"
    assert gallery.show_label == 2 and names(gallery) == ["a", "c"]
    gallery.show_label, gallery.show_class = None, "blue"
    gallery.wait(60)
    said = [row["beside"][0]["prediction"]["name"] for row in gallery.finished_rows()]
    assert {*said} <= {"blue"} and gallery.show_class == 1
    # The first has no such class.
    gallery.model = "before"
    assert gallery.show_class is None and names(gallery) == ["a", "b", "c"]


def test_the_page_stays_where_nothing_goes_by_the_model(make: Make) -> None:
    gallery = make(nets(), page_size=1, page=2)
    gallery.model = "after"
    gallery.wait(60)
    assert gallery.page == 2
    gallery.order, gallery.page = "confidence", 2
    gallery.model = "before"
    gallery.wait(60)
    assert gallery.page == 1


def test_metrics_are_of_the_chosen_models_maps(make: Make) -> None:
    models = {
        "before": colour_net(RED, GREEN),
        "after": colour_net((4.0, 1.0, 0.0), (2.0, 3.0, 0.0)),
    }
    gallery = make(models, metrics=["deletion"])
    for model, column in (("before", "grad_cam"), ("after", "grad_cam@after")):
        gallery.model = model
        gallery.wait(60)
        for row in gallery.finished_rows():
            explained = row["maps"][column]["target"]["index"]
            told = gallery._numbers[str(row["index"])]["deletion"]
            assert [*told] == [column]
            given = to_input(PICTURES[row["name"]]).unsqueeze(0)
            wanted = deletion_by_hand(models[model], given, explained)
            assert told[column] == pytest.approx(wanted, abs=1e-3)
        found = gallery.trust()
        assert gallery._trust is not None and gallery._trust["model"] == model
        means = [numbers["deletion"][column] for numbers in gallery._numbers.values()]
        assert float(found.values.mean()) == pytest.approx(sum(means) / len(means))
        by_hand = sorted(numbers["deletion"][column] for numbers in gallery._numbers.values())
        gallery.order = "deletion"
        order = [gallery._numbers[str(i)]["deletion"][column] for i in indices(gallery)]
        assert order == by_hand[::-1]
        gallery.order = "given"


def deletion_by_hand(net: nn.Module, given: torch.Tensor, target: int) -> float:
    found = xw.explain(net, given, "grad_cam", target)
    maps = torch.from_numpy(found.heatmaps())
    return float(deletion(net, given, maps, [target], activation="softmax").area[0])


def indices(gallery: GalleryWidget) -> list[int]:
    gallery.wait(60)
    return [row["index"] for row in gallery.finished_rows()]


def test_a_map_that_a_model_cannot_have_is_told_to_be_unmeasured(make: Make) -> None:
    other = nn.Sequential(nn.Conv2d(3, 1, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    class_names = {"before": ["r", "g"], "after": ["r"]}
    models = {"before": colour_net(RED, GREEN), "after": other}
    gallery = make(models, class_names=class_names, metrics=["deletion"], target="g")
    gallery.model = "after"
    gallery.wait(60)
    assert {*told(gallery)} == {(("grad_cam@after", None),)}


def told(gallery: GalleryWidget) -> list[tuple[tuple[str, float | None], ...]]:
    return [tuple(numbers["deletion"].items()) for numbers in gallery._numbers.values()]


def test_tables_and_summaries_are_of_the_chosen_model(make: Make) -> None:
    gallery = make(nets())
    summary = gallery.summary()
    before, after = summary, summary.beside[0]
    assert before.class_accuracy.keys() == after.class_accuracy.keys() == {0, 1}
    for one in (before, after):
        right = sum(count for (label, said), count in one.confusion.items() if label == said)
        assert right == one.right
        for label, share in one.class_accuracy.items():
            count = LABELS.count("rg"[label])
            assert share * count == one.confusion.get((label, label), 0)
    said = [row["beside"][0]["prediction"]["name"] for row in gallery.finished_rows()]
    gallery.model = "after"
    gallery.wait(60)
    assert gallery.to_dataframe()["prediction"].tolist() == said


def test_each_bar_is_what_its_filter_lets_through_of_the_chosen_model(make: Make) -> None:
    gallery = make(nets(), methods=["grad_cam", "saliency"], order="disagreement")
    gallery.wait(60)
    summary = gallery.summary()
    assert summary.values != summary.beside[0].values
    for model, told in (("before", summary), ("after", summary.beside[0])):
        gallery.model = model
        for trait, found in (
            ("show_value", told.values),
            ("show_disagreement", told.disagreements),
        ):
            assert found is not None and found.wrong is not None
            assert (sum(found.counts), sum(found.wrong)) == (3, told.wrong)
            for ends, count, wrong in zip(found.ranges, found.counts, found.wrong, strict=True):
                if count:
                    setattr(gallery, trait, ends)
                    assert len(names(gallery)) == count
                    gallery.show = "wrong"
                    assert len(names(gallery)) == wrong
                    gallery.show = "all"
            setattr(gallery, trait, None)


def test_the_explorers_true_label_is_judged_by_its_own_model(make: Make) -> None:
    gallery = make(nets())
    row = gallery.finished_rows()[0]
    explorer = gallery.explorer()
    explorer.wait(60)
    assert explorer._true_label == {"name": "r", "right": row["right"]}
    explorer.model = "after"
    assert explorer._true_label == {"name": "r", "right": row["beside"][0]["right"]}
    explorer.close()


def test_what_is_saved_tells_each_models_class_of_the_label_and_metrics(make: Make) -> None:
    gallery = make(nets(), metrics=["deletion"])
    gallery.precompute(methods=["grad_cam"], targets=["predicted"], trust=True)
    saved = gallery.page_state()
    assert [each["row"]["beside"][0]["label"] for each in saved["_atlas"]["images"]] == [0, 1, 0]
    measured = {each["method"]: [*each["metrics"]] for each in saved["_atlas"]["maps"]}
    assert measured == {"grad_cam": ["deletion"], "grad_cam@after": ["deletion"]}
    assert saved["_summary"]["beside"][0]["model"] == "after"
