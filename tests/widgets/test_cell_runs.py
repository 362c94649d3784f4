"""A cell that is run again: one live widget's worth of memory, and nothing that is shown goes dark."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import ipywidgets
import pytest
from ipycanvas.canvas import _CANVAS_MANAGER  # type: ignore[import-untyped]
from torch import nn

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.widgets import cell_runs
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from .conftest import NAMES, on_page, to_input
from .gallery.parts import noise, show

RunCell = Callable[..., Any]


@pytest.fixture
def run_cell(
    model: nn.Module, pictures: dict[str, Any], sent: Any, monkeypatch: pytest.MonkeyPatch
) -> RunCell:
    """Make a widget as a cell of a notebook does, in a run of its own."""
    counted = itertools.count()
    parent: dict[str, Any] = {}
    kernel = SimpleNamespace(get_parent=lambda: parent)
    monkeypatch.setattr(cell_runs, "get_ipython", lambda: SimpleNamespace(kernel=kernel))

    def run_cell(cell: str, kind: Any = ExplainerWidget) -> Any:
        parent.update(metadata={"cellId": cell}, header={"msg_id": f"run {next(counted)}"})
        if kind is ipywidgets.IntSlider:
            return kind()
        return kind(model, pictures, NAMES, transform=to_input)

    return run_cell


def seen(widget: ExplainerWidget | GalleryWidget, views: int) -> None:
    """As the page tells when it shows a widget, or does so no more."""
    widget.set_state({"_view_count": views})


def live_explorers() -> int:
    kept = ipywidgets.Widget.get_manager_state()["state"].values()
    names = [each["state"].get("_anywidget_id", "") for each in kept]
    return sum(name.endswith(".ExplainerWidget") for name in names)


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
        assert not old.exploration.keeps(0)
        assert (on_page(old)["_atlas"], old.shown.explanation) == (None, None)
        assert old.comm is None
    assert widget.exploration.keeps(0)
    assert on_page(widget)["_atlas"] is not None
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
    assert first.work.findings.bytes > 0
    picture = weakref.ref(first.work.exploration.prepared(0).input)
    second = run()
    gc.collect()
    assert (first.work.findings.bytes, picture()) == (0, None)
    rows = show(first, layer="4")
    assert len(rows) == 3 and all(row["maps"] for row in rows) and not first.error
    assert second.work.findings.bytes > 0
    for each in (first, second):
        each.close()


def test_one_that_is_still_shown_elsewhere_goes_on(run_cell: RunCell) -> None:
    first = run_cell("a")
    seen(first, 2)
    second = run_cell("a")
    seen(first, 1)
    assert not first.exploration.keeps(0)
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
    first.layer = on_page(first)["_layers"][0]["name"]
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
        assert each.exploration.keeps(0)
        each.close()


def test_without_a_cell_nothing_is_counted(widget: ExplainerWidget) -> None:
    assert on_page(widget)["_view_count"] is None


def test_a_brush_that_is_run_again_goes_with_its_canvas(run_cell: RunCell) -> None:
    first = run_cell("a", OcclusionBrush)
    gone = weakref.ref(first), weakref.ref(first._canvas)
    canvas = {first._canvas.model_id, *(layer.model_id for layer in first._canvas._canvases)}
    assert canvas < open_widgets()
    seen(first, 1)
    second = run_cell("a", OcclusionBrush)
    seen(first, 0)
    assert not canvas & open_widgets()
    assert (first.comm, first._canvas) == (None, None)
    first = None
    gc.collect()
    assert [each() for each in gone] == [None, None]
    second.close()


def test_a_brush_that_rests_comes_back_with_what_was_painted(run_cell: RunCell) -> None:
    first = run_cell("a", OcclusionBrush)
    name = first.model_id
    first.mask = ~first.mask
    seen(first, 1)
    second = run_cell("a", OcclusionBrush)
    seen(first, 0)
    bundle = first._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == name
    assert first._canvas.model_id in open_widgets()
    first.fill = "black"
    assert first.answer.hidden == 1
    assert not first.error
    for each in (first, second):
        each.close()


def test_an_explorer_that_is_run_again_takes_the_brush_of_its_page_with_it(
    run_cell: RunCell,
) -> None:
    first = run_cell("a")
    seen(first, 1)
    first.set_state({"_brush_wanted": 1})
    brush = weakref.ref(
        ipywidgets.widget_serialization["from_json"](on_page(first)["_brush"], None)
    )
    second = run_cell("a")
    seen(first, 0)
    assert on_page(first)["_brush"] is None
    gc.collect()
    assert brush() is None
    for each in (first, second):
        each.close()


@pytest.mark.parametrize("kind", [ExplainerWidget, GalleryWidget, OcclusionBrush])
def test_a_run_again_costs_what_three_sliders_cost(run_cell: RunCell, kind: Any) -> None:
    def cost(kind: Any) -> tuple[int, float]:
        out: list[Any] = []

        def run(times: int) -> None:
            for _ in range(times):
                widget = run_cell(kind.__name__, kind)
                if kind is not ipywidgets.IntSlider:
                    widget.wait(60)
                    if out:
                        seen(out[-1], 0)
                    seen(widget, 1)
                out[:] = [widget]
            # What these tests write down of ipycanvas's messages is not the widget's.
            _CANVAS_MANAGER.comm.__dict__.pop("sent", None)
            gc.collect()

        run(3)
        tracemalloc.start()
        before = len(open_widgets()), tracemalloc.get_traced_memory()[0]
        run(6)
        after = len(open_widgets()), tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        for widget in out:
            widget.close()
        return (after[0] - before[0]) // 6, (after[1] - before[1]) / 6

    (sliders, bytes_of_slider), *twice = cost(ipywidgets.IntSlider), cost(kind), cost(kind)
    assert all(widgets <= 3 * sliders for widgets, _ in twice)
    # What a thread was still about to let go of is not there the next time; what is kept is.
    bytes_kept = min(kept for _, kept in twice)
    assert bytes_kept <= 3 * bytes_of_slider, (bytes_kept, bytes_of_slider)


def open_widgets() -> set[str]:
    return set(ipywidgets.widgets.widget._instances)
