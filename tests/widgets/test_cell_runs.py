"""A cell that is run again: one live widget's worth of memory, and nothing that is shown goes dark."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import ipywidgets
import pytest
from torch import nn

from xcnn_widgets.widgets import cell_runs
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from .conftest import NAMES, to_input
from .gallery.parts import noise, show

RunCell = Callable[[str], ExplainerWidget]


@pytest.fixture
def run_cell(
    model: nn.Module, pictures: dict[str, Any], sent: Any, monkeypatch: pytest.MonkeyPatch
) -> RunCell:
    """Make a widget as a cell of a notebook does, in a run of its own."""
    counted = itertools.count()
    parent: dict[str, Any] = {}
    kernel = SimpleNamespace(get_parent=lambda: parent)
    monkeypatch.setattr(cell_runs, "get_ipython", lambda: SimpleNamespace(kernel=kernel))

    def run_cell(cell: str) -> ExplainerWidget:
        parent.update(metadata={"cellId": cell}, header={"msg_id": f"run {next(counted)}"})
        return ExplainerWidget(model, pictures, NAMES, transform=to_input)

    return run_cell


def seen(widget: ExplainerWidget | GalleryWidget, views: int) -> None:
    """As the page tells when it shows a widget, or does so no more."""
    widget.set_state({"_view_count": views})


def live_explorers() -> int:
    kept = ipywidgets.widgets.widget._instances.values()
    return sum(isinstance(each, ExplainerWidget) for each in kept)


def test_fifty_runs_leave_one_widget(run_cell: RunCell) -> None:
    before, made = live_explorers(), []
    for _ in range(50):
        widget = run_cell("a")
        widget.wait(60)
        made.append(weakref.ref(widget))
        if len(made) > 1 and (last := made[-2]()) is not None:
            # The page takes the last run's output away.
            seen(last, 0)
        seen(widget, 1)
        last = None
    gc.collect()
    assert live_explorers() - before == 1
    assert sum(each() is not None for each in made) == 1
    widget.close()


def test_runs_that_out_keeps_hold_no_pass_and_no_saved_views(run_cell: RunCell) -> None:
    out: list[ExplainerWidget] = []
    for _ in range(3):
        widget = run_cell("a")
        widget.precompute(methods=["grad_cam"], images=[0])
        seen(widget, 1)
        if out:
            seen(out[-1], 0)
        out.append(widget)
    for old in out[:-1]:
        assert len(old._exploration._passes) == 0
        assert (old._atlas, len(old._saved), old._explanation) == (None, 0, None)
        assert old.comm is None
    assert len(widget._exploration._passes) == 1
    assert widget._atlas is not None
    widget.close()


def test_a_gallery_of_an_earlier_run_holds_no_maps_and_goes_on_where_it_is_shown(
    model: nn.Module, run_cell: RunCell
) -> None:
    def run() -> GalleryWidget:
        run_cell("a").close()
        gallery = GalleryWidget(model, noise(3), NAMES, transform=to_input)
        gallery.wait(60)
        seen(gallery, 1)
        return gallery

    first = run()
    assert len(first._work._tiles) == 6
    second = run()
    assert len(first._work._tiles) == len(first._work.exploration._prepared) == 0
    rows = show(first, layer="4")
    assert len(rows) == 3 and all(row["maps"] for row in rows) and not first.error
    assert len(second._work._tiles) == 6
    for each in (first, second):
        each.close()


def test_one_that_is_still_shown_elsewhere_goes_on(run_cell: RunCell) -> None:
    first = run_cell("a")
    seen(first, 2)
    second = run_cell("a")
    seen(first, 1)
    assert len(first._exploration._passes) == 0
    first.set_state({"method": "saliency"})
    assert "Saliency" in first.status
    assert first.comm is not None
    for each in (first, second):
        each.close()


def test_one_that_rests_comes_back_when_it_is_shown(run_cell: RunCell) -> None:
    first = run_cell("a")
    name = first.model_id
    seen(first, 1)
    second = run_cell("a")
    seen(first, 0)
    assert first.comm is None
    first.layer = first._layers[0]["name"]
    bundle = first._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == name
    assert first.comm is not None
    first.set_state({"method": "saliency"})
    assert "Saliency" in first.status
    assert first.explanation is not None
    for each in (first, second):
        each.close()


def test_one_that_was_not_seen_yet_waits_for_its_page(run_cell: RunCell) -> None:
    first = run_cell("a")
    second = run_cell("a")
    assert first.comm is not None
    third = run_cell("a")
    assert first.comm is None
    assert second.comm is not None
    for each in (first, second, third):
        each.close()


def test_other_cells_and_the_same_run_supersede_nothing(
    run_cell: RunCell, model: nn.Module, pictures: dict[str, Any]
) -> None:
    first, other = run_cell("a"), run_cell("b")
    same_run = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    for each in (first, other, same_run):
        assert not each._superseded
        assert len(each._exploration._passes) == 1
        each.close()


def test_without_a_cell_nothing_is_counted(widget: ExplainerWidget) -> None:
    assert widget._view_count is None
