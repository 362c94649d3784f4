"""A gallery at work: how well the model does, files, the explorer of a row, and one way to count pages."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from .parts import ColourModel, WatchedModel, names, noise, opened, plain, rows_of, sent_of, show

COLOURS = ["red", "green", "blue"]
PICTURES = plain((230, 0, 0), (90, 0, 0), (0, 200, 0), (0, 0, 180), (0, 0, 60), (9, 0, 0))
LABELS = ["red", "green", "green", "green", "blue", None]


@pytest.fixture
def gallery() -> Any:
    with opened(ColourModel(), PICTURES, COLOURS, labels=LABELS, page_size=2) as made:
        yield made


def test_nothing_is_counted_before_it_is_asked_for_and_then_the_model_sees_each_once() -> None:
    model = WatchedModel()
    with opened(model, PICTURES, COLOURS, labels=LABELS, page_size=2) as gallery:
        assert sent_of(gallery, "_summary") is None
        model.batches.clear()
        gallery.set_state({"_summary_wanted": 1})
        gallery.wait(60)
        assert sum(model.batches) == 4
        assert sent_of(gallery, "_summary")["wrong"] == 2
        found = gallery.summary()
        assert sum(model.batches) == 4
        assert (found.right, found.wrong, found.unread, found.unlabelled) == (3, 2, 0, 1)
        assert found.confusion == {(0, 0): 1, (1, 0): 1, (1, 1): 1, (1, 2): 1, (2, 2): 1}
        assert gallery.status == "2 of 6 pictures shown"


def test_counting_that_is_cancelled_is_no_summary_and_can_be_asked_for_again() -> None:
    model = WatchedModel()
    with opened(model, noise(40), COLOURS, labels=[0] * 40, page_size=2, batch_size=4) as gallery:
        model.hold()
        gallery.set_state({"_summary_wanted": 1})
        assert model.waiting.wait(60)
        gallery.set_state({"_cancel": 1})
        model.gate.set()
        gallery.wait(60)
        assert sent_of(gallery, "_summary") is None
        assert gallery.status.startswith("Cancelled")
        assert gallery.summary().pictures == 40


def test_a_true_label_is_a_filter(gallery: Any) -> None:
    assert [row["index"] for row in show(gallery, show_label="green", page_size=6)] == [1, 2, 3]
    assert gallery.show_label == 1
    assert [row["index"] for row in show(gallery, show_class=2)] == [3]
    with pytest.raises(TraitError, match="show_label = 'grey'"):
        gallery.show_label = "grey"
    with (
        opened(ColourModel(), PICTURES, COLOURS) as without,
        pytest.raises(TraitError, match="the pictures have no labels"),
    ):
        without.show_label = 0


def test_code_counts_pages_from_1_and_what_is_saved_is_an_index_as_ever(gallery: Any) -> None:
    show(gallery, page=2)
    assert sent_of(gallery, "page") == 1
    assert sent_of(gallery, "_defaults")["page"] == 0
    gallery.set_state({"page": 2})
    assert gallery.page == 3
    gallery.reset()
    assert gallery.page == 1


def test_an_explorer_opens_below_the_gallery_and_tells_the_true_label(gallery: Any) -> None:
    gallery.selected = 1
    gallery.set_state({"_explorer_wanted": 1})
    explorer = gallery._explorer
    assert isinstance(explorer, ExplainerWidget)
    assert explorer.image_index == 1
    assert sent_of(explorer, "_true_label") == {"name": "green", "right": False}
    gallery.selected = 0
    assert sent_of(explorer, "_true_label") == {"name": "red", "right": True}
    explorer.image_index = 5
    assert sent_of(explorer, "_true_label") is None
    gallery.set_state({"_explorer_wanted": 2})
    assert gallery._explorer is explorer
    gallery.close()
    assert explorer.comm is None


@pytest.mark.parametrize(("which", "count"), [("page", 2), ("filtered", 3), ("all", 6)])
def test_files_are_those_of_the_page_of_the_filters_or_of_all(
    gallery: Any, tmp_path: Path, which: str, count: int
) -> None:
    show(gallery, show_label="green")
    files = gallery.save(tmp_path / "new", which)
    assert len([file for file in files if file.suffix == ".npz"]) == count
    assert gallery.status == f"{3 * count + 1} files of {count} of 6 pictures saved"
    assert gallery.progress is None
    again = gallery.save_png(tmp_path / "new", which)
    assert not {*files} & {*again}
    with pytest.raises(ValueError, match="pictures is 'some'; choose one of 'all', 'page', 'filt"):
        gallery.save(tmp_path, "some")


def test_numbers_of_files_go_on_from_page_to_page(gallery: Any, tmp_path: Path) -> None:
    gallery.methods = ["grad_cam"]
    gallery.wait(60)
    first = gallery.save_png(tmp_path)
    show(gallery, page=2)
    second = gallery.save_png(tmp_path)
    assert [file.name[:3] for file in first + second] == ["000", "001", "002", "003"]


def test_a_page_tells_how_many_pictures_it_has_and_can_have_all(tmp_path: Path) -> None:
    with opened(ColourModel(), noise(60), COLOURS, methods=["grad_cam"], page_size=5) as gallery:
        gallery.to_html(tmp_path / "few.html")
        assert gallery.status == "5 of 60 pictures in few.html; pictures='all' takes all"
        gallery.to_html(tmp_path / "all.html", pictures="all")
        assert gallery.status == "60 of 60 pictures in all.html"
        assert (tmp_path / "all.html").stat().st_size > (tmp_path / "few.html").stat().st_size


def test_a_long_page_is_drawn_in_sheets_whose_letters_can_be_read() -> None:
    with opened(ColourModel(), noise(23), COLOURS, methods=["grad_cam"], page_size=23) as gallery:
        sheets = gallery.figures()
        assert [len(sheet.axes) for sheet in sheets] == [20, 20, 6]
        texts = [text.get_text() for text in sheets[2].findobj() if hasattr(text, "get_text")]
        assert "Rows 21 to 23 of 23" in texts
        drawn = io.BytesIO()
        sheets[0].savefig(drawn)
        assert drawn.getvalue()[:4] == b"\x89PNG"
        with pytest.raises(ValueError, match="sheet is 4; there are 3 sheets, 1 to 3"):
            gallery.figure(4)
        assert names(rows_of(gallery))[0] == "picture 0"
