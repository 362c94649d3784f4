"""True labels: where they come from, what they are compared with, and those that are no class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset
from torchvision.datasets import ImageFolder
from traitlets import TraitError

from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from ..conftest import to_input
from .parts import ColourModel, Counted, names, opened, plain, rows_of, show

COLOURS = ["red", "green", "blue"]
RED, GREEN, BLUE = plain((200, 10, 10), (10, 200, 10), (10, 10, 200))
PICTURES = {"a": RED, "b": GREEN, "c": BLUE}


def judged(rows: list[dict[str, Any]]) -> list[tuple[str | None, bool | None]]:
    return [(row["label"], row["right"]) for row in rows]


@pytest.mark.parametrize(
    "labels",
    [
        [0, 0, 2],
        ["red", "RED", "blue"],
        (0, "red", np.int64(2)),
        np.array([0, 0, 2]),
        torch.tensor([0, 0, 2]),
        {"a": "red", "b": 0, "c": 2.0},
    ],
    ids=["indices", "names", "mixed", "numpy", "torch", "dict"],
)
def test_labels_are_given_by_index_or_name_in_a_list_or_a_dict(labels: Any) -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=labels) as gallery:
        assert gallery._has_labels
        assert judged(rows_of(gallery)) == [("red", True), ("red", False), ("blue", True)]


def test_a_dict_of_labels_may_have_gaps_and_other_keys_than_strings() -> None:
    pictures = {1: RED, 2: GREEN, 3: BLUE}
    with opened(ColourModel(), pictures, COLOURS, labels={2: "green"}) as gallery:
        assert judged(rows_of(gallery)) == [(None, None), ("green", True), (None, None)]
        rows = show(gallery, target="label")
        assert [row["error"] != "" for row in rows] == [True, False, True]
        assert "no label" in rows[0]["error"]


def test_a_folder_for_each_class_brings_its_labels(tmp_path: Path) -> None:
    for folder, picture in [("blue", BLUE), ("red", GREEN), ("zebra", RED)]:
        (tmp_path / folder).mkdir()
        Image.fromarray(picture).save(tmp_path / folder / "1.png")
    with opened(ColourModel(), tmp_path, COLOURS) as gallery:
        assert judged(rows_of(gallery)) == [("blue", True), ("red", False), ("zebra", None)]
        assert names(rows_of(gallery)) == ["blue/1.png", "red/1.png", "zebra/1.png"]
    with opened(ColourModel(), ImageFolder(str(tmp_path)), COLOURS) as gallery:
        assert [row["label"] for row in rows_of(gallery)] == COLOURS


def test_a_dataset_brings_its_labels_and_is_opened_once_for_both() -> None:
    dataset = Counted(5)
    with opened(ColourModel(), dataset, COLOURS) as gallery:
        assert [row["label"] for row in rows_of(gallery)] == [*COLOURS, "red", "green"]
        assert sorted(dataset.opened) == [0, 1, 2, 3, 4]
    tensors = TensorDataset(torch.rand(2, 3, 12, 20), torch.tensor([2, 1]))
    with opened(ColourModel(), tensors, COLOURS) as gallery:
        assert [row["label"] for row in rows_of(gallery)] == ["blue", "green"]


def test_given_labels_stand_before_those_of_the_dataset() -> None:
    with opened(ColourModel(), Counted(3), COLOURS, labels=[2, 2, 2]) as gallery:
        assert [row["label"] for row in rows_of(gallery)] == ["blue"] * 3


def test_without_labels_nothing_that_needs_them_is_offered() -> None:
    with opened(ColourModel(), PICTURES, COLOURS) as gallery:
        assert not gallery._has_labels
        assert judged(rows_of(gallery)) == [(None, None)] * 3
        for trait, value in [("target", "label"), ("show", "wrong"), ("order", "wrong")]:
            with pytest.raises(TraitError, match=f"{trait} = '{value}': .*labels"):
                setattr(gallery, trait, value)


@pytest.mark.parametrize(
    ("label", "shown"),
    [("zebra", "zebra"), (7, "7"), (-1, "-1"), (1.5, "1.5"), (None, None), (float("nan"), None)],
)
def test_a_label_that_is_no_class_is_shown_is_neither_right_nor_wrong_and_cannot_be_explained(
    label: Any, shown: str | None
) -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=[0, label, 2]) as gallery:
        assert judged(rows_of(gallery)) == [("red", True), (shown, None), ("blue", True)]
        rows = show(gallery, target="label")
        assert [row["error"] != "" for row in rows] == [False, True, False]
        assert (shown or "no label") in rows[1]["error"]
        assert list(gallery.failures) == ["b"]
        assert "1 could not be" in gallery.status
        # Asked for its prediction it is shown again.
        assert [row["error"] for row in show(gallery, target="predicted")] == ["", "", ""]
        assert gallery.failures == {}
        assert [row["error"] != "" for row in show(gallery, target="label")] == [False, True, False]


def test_sorting_by_disagreement_goes_on_past_a_label_that_is_no_class() -> None:
    labels = [0, "zebra", 2]
    with opened(ColourModel(), PICTURES, COLOURS, labels=labels) as gallery:
        rows = show(gallery, target="label", order="disagreement")
        assert names(rows)[-1] == "b"
        assert [row["error"] != "" for row in rows] == [False, False, True]


def test_the_true_label_is_explained_where_it_is_asked_for() -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=[0, 0, 1], target="label") as gallery:
        targets = [row["maps"]["grad_cam"]["target"]["name"] for row in rows_of(gallery)]
        assert targets == ["red", "red", "green"]
        rows = show(gallery, rows="layers", image_index=2)
        assert {row["maps"]["grad_cam"]["target"]["index"] for row in rows} == {1}


def test_a_comparison_of_layers_for_a_missing_label_says_so() -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=[0, None, 2]) as gallery:
        gallery.target = "label"
        gallery.wait(60)
        gallery.image_index = 1
        gallery.rows = "layers"
        with pytest.raises(ValueError, match="no label"):
            gallery.wait(60)
        assert "no label" in gallery.error
        assert len(show(gallery, image_index=0)) == 1
        assert gallery.error == ""


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 1], ValueError, "2 labels for 3 pictures"),
        ("red", TypeError, "labels is a str"),
        (7, TypeError, "labels is a int"),
        ((label for label in [0, 1, 2]), TypeError, "labels is a generator"),
    ],
)
def test_labels_that_do_not_fit_are_refused_by_name(
    labels: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        GalleryWidget(ColourModel(), PICTURES, COLOURS, labels=labels, transform=to_input)


def test_a_label_that_changes_from_look_to_look_stays_as_it_was_first_seen() -> None:
    class Moody(Counted):
        def __getitem__(self, index: Any) -> Any:
            picture, _ = super().__getitem__(index)
            return picture, len(self.opened) % 3

    with opened(ColourModel(), Moody(4), COLOURS, cache_bytes=0) as gallery:
        before = judged(rows_of(gallery))
        rows = show(gallery, target=1)
        assert judged(rows) == before
        for row in rows:
            assert row["right"] is (row["label"] == row["prediction"]["name"])
