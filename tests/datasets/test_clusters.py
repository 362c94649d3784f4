"""Pictures are grouped by their maps, and a group that a watermark decides is found."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from torch import nn

from xcnn_widgets import Groups, Results, explain_dataset

from .watermarked import EACH, NAMES, purity_and_recall, trained, watermarked

PLANTED = watermarked()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Maps of a network that has learned a watermark."""
    model = nn.Sequential(_Centred(), trained(PLANTED)).eval()
    return explain_dataset(
        model,
        list(PLANTED.inputs),
        tmp_path_factory.mktemp("watermarked") / "results",
        labels=PLANTED.labels,
        class_names=NAMES,
        target="label",
        progress=False,
        workers=0,
    )


class _Centred(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - 0.5


def best(groups: Groups) -> int:
    """The group with the greatest share of watermarks."""
    shares = [
        purity_and_recall(groups.members(group), PLANTED.marked)[0] for group in range(len(groups))
    ]
    return int(np.argmax(shares))


@pytest.mark.parametrize("how", ["k-means", "spectral"])
def test_the_pictures_with_a_watermark_are_a_group(results: Results, how: Any) -> None:
    groups = results.cluster("grad_cam", 4, how=how, label="down")
    purity, recall = purity_and_recall(groups.members(best(groups)), PLANTED.marked)
    assert purity >= 0.9
    assert recall >= 0.9
    # And its mean map lies on the watermark, in the lower right corner.
    mean = groups.mean_maps[best(groups)]
    height, width = mean.shape
    assert mean[height // 2 :, width // 2 :].sum() > 0.6 * mean.sum()
    assert groups.silhouette is not None
    assert 0 < groups.silhouette < 1


def test_only_the_class_asked_for_is_grouped(results: Results) -> None:
    groups = results.cluster(n=2, label=0)
    assert {PLANTED.labels[index] for index in groups.indices} == {0}
    assert sum(groups.sizes) + groups.left_out == EACH
    both = results.cluster(n=2, label="down", prediction="across")
    frame = results.to_dataframe()
    chosen = frame[(frame["label"] == "down") & (frame["prediction"] == "across")]
    assert set(both.indices) <= set(chosen["index"])
    assert both.within == {"label": "down", "prediction": "across"}
    assert both.wrong == (1.0, 1.0)


@pytest.mark.parametrize("how", ["k-means", "spectral"])
def test_the_same_seed_gives_the_same_groups(results: Results, how: Any) -> None:
    first = results.cluster(how=how, seed=3)
    again = results.cluster(how=how, seed=3)
    assert first.labels == again.labels
    assert np.array_equal(first.mean_maps, again.mean_maps)
    assert first.silhouette == again.silhouette


def test_groups_are_numbered_by_their_size_and_tell_what_is_wrong(results: Results) -> None:
    groups = results.cluster(n=5)
    assert groups.sizes == tuple(sorted(groups.sizes, reverse=True))
    assert groups.names[0] == f"group 1 · {groups.sizes[0]} pictures"
    right = results.to_dataframe(["index", "right"]).set_index("index")["right"]
    for group, wrong in enumerate(groups.wrong):
        assert wrong == pytest.approx(1 - right[groups.members(group)].mean())
    assert all(set(some) <= set(groups.members(g)) for g, some in enumerate(groups.examples))
    assert f"{groups.names[4]} · {groups.wrong[4]:.0%} wrong" in repr(groups)


def test_groups_stay_in_the_folder_until_there_are_others(results: Results) -> None:
    found = results.cluster(n=3, seed=1)
    groups = Results(results.path).groups
    assert groups is not None
    assert groups.labels == found.labels
    assert (groups.method, groups.how, groups.seed) == ("grad_cam", "k-means", 1)
    assert np.array_equal(groups.mean_maps, found.mean_maps)
    assert len(results.cluster(n=2)) == len(results.groups or ()) == 2


def test_what_is_kept_is_read_without_us(results: Results) -> None:
    groups = results.cluster(n=3, label="down")
    folder = Path(results.path)
    told = json.loads((folder / "groups.json").read_text())
    assert (told["method"], told["n"], told["how"], told["seed"]) == ("grad_cam", 3, "k-means", 0)
    assert told["within"] == {"label": "down"}
    assert [each["size"] for each in told["groups"]] == list(groups.sizes)
    assert [each["name"] for each in told["groups"]] == list(groups.names)
    assert np.allclose([each["mean_map"] for each in told["groups"]], groups.mean_maps, atol=1e-6)
    schema = pq.read_schema(folder / "groups.parquet")
    assert {name: str(schema.field(name).type) for name in schema.names} == {
        "index": "int64",
        "group": "int32",
    }
    query = f"""
        select "group", count(*) from '{folder}/part-*.parquet' join '{folder}/groups.parquet' using (index)
        group by "group" order by "group"
    """
    assert [count for _, count in duckdb.sql(query).fetchall()] == list(groups.sizes)
    table = results.to_dataframe().merge(groups.to_dataframe(), on="index")
    assert set(table["label"]) == {"down"}
    assert table["group"].value_counts(sort=False).sort_index().tolist() == list(groups.sizes)


def test_maps_of_any_size_are_compared_and_those_that_show_nothing_are_not(tmp_path: Path) -> None:
    conv = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.ones_(conv.weight)
    model = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    pictures = []
    for number in range(20):
        picture = torch.zeros(1, 16 + number % 3, 24)
        # Something bright on the left or on the right, four times as bright or not.
        left = 2 if number % 2 else 16
        picture[:, 4:10, left : left + 6] = 1 if number % 4 < 2 else 0.25
        pictures.append(picture)
    pictures.append(torch.zeros(1, 16, 24))
    results = explain_dataset(
        model.eval(), pictures, tmp_path / "results", target=0, layer="0", progress=False, workers=0
    )
    groups = results.cluster(n=2)
    assert {frozenset(groups.members(group)) for group in range(2)} == {
        frozenset(range(0, 20, 2)),
        frozenset(range(1, 20, 2)),
    }
    assert groups.left_out == 1
    assert groups.mean_maps.shape == (2, 8, 8)
    assert groups.mean_maps.dtype == np.float32
    assert groups.wrong == (None, None)
    assert "1 picture in no group" in repr(groups)
    assert groups.silhouette is not None
    assert groups.silhouette > 0.6
    with pytest.raises(ValueError, match=r"n is 9, but the maps are of \d kinds only"):
        results.cluster(n=9)


def test_other_results_have_no_groups(results: Results, tmp_path: Path) -> None:
    model = trained(PLANTED, rounds=1)
    images, to = list(PLANTED.inputs[:8]), tmp_path / "results"
    options: dict[str, Any] = {"class_names": NAMES, "progress": False, "workers": 0}
    few = explain_dataset(model, images, to, **options)
    assert few.groups is None
    few.cluster(n=2)
    assert len(explain_dataset(model, images, to, **options).groups or ()) == 2
    assert explain_dataset(model, images, to, target=0, overwrite=True, **options).groups is None
    assert not (to / "groups.parquet").exists()


def test_the_figure_has_a_row_for_each_group(results: Results) -> None:
    groups = results.cluster(n=3, label="down")
    figure = groups.figure()
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [text.split("\n")[0] for text in texts] == ["group 1", "group 2", "group 3"]
    assert len(figure.axes) == 3 * 5
    assert [axes.get_title() for axes in figure.axes[:2]] == ["mean map", "nearest to it"]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"method": "saliency"}, ValueError, "method is 'saliency'; there are maps of 'grad_cam'"),
        ({"n": 1}, ValueError, "n is 1; expected a number of groups, 2 or more"),
        ({"n": 2.0}, ValueError, "n is 2.0; expected a number of groups"),
        ({"how": "dbscan"}, ValueError, "how is 'dbscan'; expected 'k-means' or 'spectral'"),
        ({"label": 2}, ValueError, "label is 2; there are classes 0 to 1"),
        ({"label": "cat"}, ValueError, "there are 0 pictures with a map .* of label 'cat'"),
        ({"prediction": 1.5}, TypeError, "prediction is 1.5; expected a class by its name"),
        ({"n": 601}, ValueError, r"n is 601, but there are \d+ pictures .*; ask for fewer groups"),
    ],
)
def test_what_cannot_be_grouped_is_told(
    results: Results, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        results.cluster(**options)


def test_without_scikit_learn_the_extra_is_named(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"pip install 'xcnn-widgets\[clusters\]'"):
        results.cluster()


def test_many_pictures_are_grouped_as_few_are(tmp_path: Path) -> None:
    """More than fit a graph, or go through k-means at once; their rows are written by hand."""
    results = _written(tmp_path / "many", 12_000)
    for how in ("k-means", "spectral"):
        groups = results.cluster(n=3, how=how)
        frame = groups.to_dataframe()
        kinds = frame.groupby("group")["index"].apply(lambda indices: set(indices % 3))
        assert sorted(kinds, key=min) == [{0}, {1}, {2}]
        assert groups.sizes == (4_000, 4_000, 4_000)


def _written(path: Path, count: int) -> Results:
    """Results whose maps are of three kinds."""
    from xcnn_widgets.datasets.folder import Folder
    from xcnn_widgets.datasets.question import Question
    from xcnn_widgets.datasets.schema import schema_of, table_of

    question = Question(
        model="Net",
        fingerprint="0",
        methods=("grad_cam",),
        layer="0",
        target="predicted",
        metrics=(),
        activation="softmax",
        said="probability",
        class_names=("a", "b"),
        transform="",
    )
    made = np.random.default_rng(0)
    folder = Folder(path)
    folder.begin(question, {}, overwrite=False)
    for first in range(0, count, 1_000):
        rows = []
        for index in range(first, first + 1_000):
            levels = made.integers(0, 60, (7, 7), dtype=np.uint8)
            levels[2 * (index % 3), 3] = 255
            rows.append(
                {
                    "index": index,
                    "key": str(index),
                    "grad_cam_map": levels.tobytes(),
                    "grad_cam_shape": [7, 7],
                    "grad_cam_low": 0.0,
                    "grad_cam_high": float(made.uniform(0.1, 10)),
                    "size": [56, 56],
                    "error": "",
                }
            )
        folder.add(table_of(rows, schema_of(question)))
    folder.put_together()
    return Results(path)
