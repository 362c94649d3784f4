"""Orders, filters, pages and the selection."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn
from traitlets import TraitError

from .parts import (
    ColourModel,
    Counted,
    WatchedModel,
    names,
    noise,
    opened,
    page_of,
    plain,
    rows_of,
    show,
)

COLOURS = ["red", "green", "blue"]
# Named by their colours; the stronger the colour, the surer the model.
PICTURES = dict(
    zip(
        ["red 9", "green 5", "Blue 7", "red 3", "green 8", "red 5"],
        plain((230, 10, 10), (10, 130, 10), (10, 10, 180), (80, 10, 10), (10, 205, 10), (129, 10, 10)),
        strict=True,
    )
)  # fmt: skip
LABELS = [0, 1, 0, 1, 1, 2]
# Right: red 9, green 5, green 8. Wrong: Blue 7, red 5, red 3.


@pytest.fixture
def gallery() -> Any:
    with opened(ColourModel(), PICTURES, COLOURS, labels=LABELS) as made:
        yield made


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("given", ["red 9", "green 5", "Blue 7", "red 3", "green 8", "red 5"]),
        ("confidence", ["red 9", "green 8", "Blue 7", "green 5", "red 5", "red 3"]),
        ("least_confident", ["red 3", "red 5", "green 5", "Blue 7", "green 8", "red 9"]),
        ("wrong", ["Blue 7", "red 5", "red 3", "red 9", "green 8", "green 5"]),
    ],
)
def test_pictures_stand_in_the_order_chosen(gallery: Any, order: str, expected: list[str]) -> None:
    assert names(show(gallery, order=order)) == expected
    assert names(show(gallery, page_size=4, page=2)) == expected[4:]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"show": "wrong"}, ["Blue 7", "red 3", "red 5"]),
        ({"show": "right"}, ["red 9", "green 5", "green 8"]),
        ({"show_class": 0}, ["red 9", "red 3", "red 5"]),
        ({"show_class": "green"}, ["green 5", "green 8"]),
        ({"show_text": "blue"}, ["Blue 7"]),
        ({"show_text": " RED "}, ["red 9", "red 3", "red 5"]),
        ({"show_text": "5", "show": "wrong"}, ["red 5"]),
        ({"show_class": 0, "show": "right", "show_text": "9"}, ["red 9"]),
        ({"show_class": 2, "show": "right"}, []),
        ({"show_text": "<none>"}, []),
        ({"show": "wrong", "order": "least_confident"}, ["red 3", "red 5", "Blue 7"]),
    ],
)
def test_filters_keep_what_passes_all_of_them(
    gallery: Any, filters: dict[str, Any], expected: list[str]
) -> None:
    assert names(show(gallery, **filters)) == expected
    page = page_of(gallery)
    assert (page["matches"], page["total"], page["pages"]) == (len(expected), 6, 1)
    assert gallery.status.startswith(f"{len(expected)} of {len(expected)} picture")
    assert len(show(gallery, show="all", show_class=None, show_text="", order="given")) == 6


def test_the_most_disagreement_comes_first(model: nn.Module) -> None:
    with opened(model, noise(9), page_size=4) as gallery:
        rows = show(gallery, order="disagreement", page_size=9)
        numbers = [row["disagreement"] for row in rows]
        assert numbers == sorted(numbers, reverse=True)
        assert len(set(numbers)) > 4
        assert all(0 < number <= 1 for number in numbers)
        given = show(gallery, order="given")
        assert {r["name"]: r["disagreement"] for r in given} == {
            r["name"]: r["disagreement"] for r in rows
        }
        # Of another pair, at another layer, for another class, it is another number.
        for choices in ({"methods": ["grad_cam", "saliency"]}, {"target": 0}, {"layer": "4"}):
            changed = show(gallery, order="disagreement", **choices)
            others = [row["disagreement"] for row in changed]
            assert others == sorted(others, reverse=True)
            assert others != numbers
            numbers = others
        # Which of the two comes first does not matter.
        swapped = show(gallery, methods=["saliency", "grad_cam"])
        assert [row["disagreement"] for row in swapped] == numbers


def test_pages_divide_the_pictures_and_the_last_may_be_short() -> None:
    with opened(ColourModel(), noise(11), COLOURS, page_size=4) as gallery:
        seen = []
        for page, length in [(0, 4), (1, 4), (2, 3)]:
            rows = show(gallery, page=page + 1)
            assert len(rows) == length
            assert (page_of(gallery)["page"], page_of(gallery)["pages"]) == (page, 3)
            assert gallery.status == f"{length} of 11 pictures shown"
            seen += [row["index"] for row in rows]
        assert seen == list(range(11))


def test_a_page_beyond_the_end_is_refused_and_where_the_end_is_not_known_the_last_is_shown() -> (
    None
):
    with opened(ColourModel(), PICTURES, COLOURS, labels=LABELS, page_size=2) as gallery:
        with pytest.raises(TraitError, match=r"page = 4: there are 3 pages, 1 to 3"):
            gallery.page = 4
        with pytest.raises(TraitError, match=r"page = 0: pages are counted from 1"):
            gallery.page = 0
        assert gallery.page == 1
        with pytest.raises(
            ValueError, match=r"page = 8: there are 2 pages, counted from 1; the last"
        ):
            show(gallery, show="wrong", page=8)
        assert (names(rows_of(gallery)), gallery.page) == (["red 5"], 2)
        assert "there are 2 pages" in gallery.error
        with pytest.raises(TraitError, match=r"page = 3: there are 2 pages, 1 to 2"):
            gallery.page = 3
        assert names(show(gallery, page=1)) == ["Blue 7", "red 3"]


def test_another_order_or_filter_begins_with_the_first_page_and_nothing_else_does() -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=LABELS, page_size=2) as gallery:
        show(gallery, page=3)
        for stays in (
            {"layer": "conv"}, {"target": 1}, {"methods": ["saliency"]}, {"image_index": 3},
            {"opacity": 0.2}, {"methods": ["saliency", "grad_cam"]},
        ):  # fmt: skip
            assert [row["index"] for row in show(gallery, **stays)] == [4, 5]
            assert gallery.page == 3
        for turns in ({"order": "confidence"}, {"show_text": "e"}, {"show": "wrong"}):
            show(gallery, page=2)
            show(gallery, **turns)
            assert gallery.page == 1
        # Chosen together, the page chosen counts.
        assert names(show(gallery, show_text="", show="all", order="given", page=3)) == [
            "green 8",
            "red 5",
        ]


def test_another_page_size_keeps_the_first_row_in_sight() -> None:
    with opened(ColourModel(), noise(40), COLOURS, page_size=5) as gallery:
        show(gallery, page=4)
        rows = show(gallery, page_size=10)
        assert (gallery.page, [row["index"] for row in rows]) == (2, list(range(10, 20)))
        rows = show(gallery, page_size=4)
        assert (gallery.page, [row["index"] for row in rows]) == (3, [8, 9, 10, 11])
        rows = show(gallery, page_size=100)
        assert (gallery.page, len(rows)) == (1, 40)


def test_comparing_one_picture_leads_back_to_the_page_one_came_from() -> None:
    with opened(ColourModel(), noise(9), COLOURS, page_size=2) as gallery:
        show(gallery, page=4)
        show(gallery, rows="classes")
        assert (page_of(gallery)["page"], page_of(gallery)["pages"]) == (0, 1)
        assert [row["index"] for row in show(gallery, rows="pictures")] == [6, 7]


def test_the_picture_selected_is_the_one_that_is_compared() -> None:
    with opened(ColourModel(), noise(4), COLOURS) as gallery:
        gallery.selected = 2
        rows = show(gallery, rows="classes")
        assert (gallery.image_index, gallery.selected, rows[0]["index"]) == (2, None, 2)
        gallery.selected = 1
        show(gallery, rows="pictures")
        assert gallery.selected is None
        gallery.selected = 3
        assert show(gallery, rows="layers", image_index=1)[0]["index"] == 1


def test_the_selection_is_a_picture_whatever_the_order() -> None:
    with opened(ColourModel(), PICTURES, COLOURS, labels=LABELS) as gallery:
        gallery.selected = 3
        show(gallery, order="confidence")
        assert gallery.selected == 3
        for wrong in (6, -1):
            with pytest.raises(TraitError, match=f"selected = {wrong}: expected 0 to 5, or None"):
                gallery.selected = wrong


def test_one_method_alone_cannot_disagree() -> None:
    with opened(ColourModel(), PICTURES, COLOURS, page_size=2) as gallery:
        show(gallery, order="disagreement", page=2)
        rows = show(gallery, methods=["grad_cam"])
        assert (gallery.order, gallery.page, names(rows)) == ("given", 1, ["red 9", "green 5"])
        with pytest.raises(TraitError, match="order = 'disagreement': it takes two methods"):
            gallery.order = "disagreement"


def test_pictures_of_which_nothing_is_known_come_last_in_every_order_but_the_given_one() -> None:
    black, grey = plain((0, 0, 0), (90, 80, 80))
    pictures = {"black": black, **PICTURES, "grey": grey}
    with opened(WatchedModel(), pictures, COLOURS, labels=[0, *LABELS, 2]) as gallery:
        assert names(rows_of(gallery))[0] == "black"
        for order in ("confidence", "least_confident", "wrong", "disagreement"):
            rows = show(gallery, order=order)
            assert [row["name"] for row in rows if row["error"]] == ["black"]
            assert rows[-1]["name"] == "black"
        assert "black" not in names(show(gallery, show="wrong"))
        assert "black" not in names(show(gallery, show="right"))
        assert names(show(gallery, show="all", show_text="bla", order="given")) == ["black"]


def test_filters_by_name_ask_the_model_nothing_and_others_only_about_names_that_pass() -> None:
    model, dataset = WatchedModel(), Counted(60)
    with opened(model, dataset, COLOURS, page_size=3, batch_size=4) as gallery:
        model.batches.clear()
        dataset.opened.clear()
        rows = show(gallery, show_text="picture 5")
        assert [row["index"] for row in rows] == [5, 50, 51]
        assert dataset.opened == [5, 50, 51]
        show(gallery, order="confidence")
        assert sorted(set(dataset.opened)) == [5, *range(50, 60)]
        model.batches.clear()
        show(gallery, order="least_confident")
        show(gallery, order="wrong")
        # Asked once: only pages that were not seen are explained.
        assert sum(model.batches) <= 6


def test_disagreement_is_found_only_of_what_passes_the_filters() -> None:
    model = WatchedModel()
    with opened(model, PICTURES, COLOURS, labels=LABELS, page_size=1) as gallery:
        model.backwards = 0
        rows = show(gallery, page_size=6, show="wrong", order="disagreement")
        assert sorted(names(rows)) == ["Blue 7", "red 3", "red 5"]
        explained = gallery.work.findings.disagreements(gallery.request().ask)
        assert sorted(explained) == [0, 2, 3, 5]
