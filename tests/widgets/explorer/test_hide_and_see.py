"""The explainer and its brush: one opens the other, choices follow both ways, and either can go."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ipywidgets
import numpy as np
import pytest
from torch import nn
from traitlets import TraitError

from xcnn_widgets import ExplainerWidget, OcclusionBrush
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.widgets.brush import LINKED

from ..conftest import NAMES, on_page, to_input

SIZE = (40, 56)


@pytest.fixture
def explainer(model: nn.Module, pictures: dict[str, Any]) -> Iterator[ExplainerWidget]:
    """An explainer on the small network."""
    made = ExplainerWidget(model, pictures, NAMES, transform=to_input, target="blue")
    yield made
    made.close()


def chosen(widget: Any) -> list[Any]:
    return [getattr(widget, name) for name in LINKED]


def brush_below(explainer: ExplainerWidget) -> Any:
    """The brush that a page shows below an explainer."""
    return ipywidgets.widget_serialization["from_json"](on_page(explainer)["_brush"], None)


def open_widgets() -> set[str]:
    """Those that a page may show, by their names."""
    return set(ipywidgets.Widget.get_manager_state()["state"])


@contextmanager
def inputs_run(model: nn.Module) -> Iterator[list[int]]:
    """How many inputs the model is given at each call meanwhile."""
    sizes: list[int] = []
    handle = model.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    try:
        yield sizes
    finally:
        handle.remove()


def from_page(explainer: ExplainerWidget, **choices: Any) -> None:
    explainer.set_state(choices)
    explainer.wait(60)
    if (brush := brush_below(explainer)) is not None:
        brush.wait(60)


def test_the_brush_opens_on_what_the_explainer_shows(explainer):
    explainer.image_index, explainer.method, explainer.opacity = 1, "saliency", 0.3
    brush = explainer.hide_and_see()
    assert isinstance(brush, OcclusionBrush)
    assert chosen(brush) == chosen(explainer) == [1, "saliency", explainer.layer, 2]
    assert brush.opacity == 0.3
    assert np.array_equal(brush.heatmap, explainer.heatmap)
    assert explainer.hide_and_see() is brush


def test_what_the_explainer_chooses_the_brush_follows(explainer):
    brush = explainer.hide_and_see()
    first = on_page(explainer)["_layers"][0]["name"]
    explainer.method, explainer.layer, explainer.target = "grad_cam", first, "green"
    assert chosen(brush) == [0, "grad_cam", first, 1]
    assert np.array_equal(brush.heatmap, explainer.heatmap)
    brush.mask = np.ones(SIZE, bool)
    explainer.image_index = 2
    assert not brush.mask.any()
    assert "cow" in brush.status
    explainer.target = None
    assert brush.target is None


def test_what_the_brush_chooses_the_explainer_follows(explainer):
    brush = explainer.hide_and_see()
    brush.method, brush.target, brush.image_index = "saliency", "red", 1
    assert chosen(explainer) == [1, "saliency", explainer.layer, 0]
    assert on_page(explainer)["_picture"]["index"] == 1
    assert np.array_equal(brush.heatmap, explainer.heatmap)
    brush.method = None
    assert explainer.method == "saliency"
    assert brush.heatmap is None


def test_choices_on_the_page_follow_both_ways(explainer):
    from_page(explainer, _brush_wanted=1)
    brush = brush_below(explainer)
    from_page(explainer, target=1, method="saliency")
    assert chosen(brush) == [0, "saliency", explainer.layer, 1]
    brush.set_state({"target": 0})
    brush.set_state({"image_index": 2})
    brush.wait(60)
    assert chosen(explainer)[::3] == [2, 0]
    assert (explainer.error, brush.error) == ("", "")


@pytest.mark.parametrize("where", ["explainer", "brush", "explainer's page", "brush's page"])
def test_a_slow_map_is_computed_once_for_both(explainer, model, pictures, where):
    from_page(explainer, _brush_wanted=1)
    brush = brush_below(explainer)
    with inputs_run(model) as for_both:
        if where == "explainer's page":
            # One after the other, so that no other window is begun.
            from_page(explainer, patch=10)
            from_page(explainer, method="occlusion")
        elif where == "brush's page":
            brush.set_state({"method": "occlusion"})
            explainer.wait(60)
            brush.wait(60)
        else:
            (explainer if where == "explainer" else brush).method = "occlusion"
            brush.wait(60)
    assert chosen(brush) == chosen(explainer)
    assert explainer.method == "occlusion"
    assert np.array_equal(brush.heatmap, explainer.heatmap)
    with inputs_run(model) as for_one:
        Exploration(model, pictures, transform=to_input).explain(explainer.choice())
    # Windows go through the model many at once; the first time, it is looked at with one picture.
    windows = [sum(size for size in sizes if size > 1) for sizes in (for_both, for_one)]
    assert 0 < windows[0] <= windows[1]


def test_the_brush_follows_the_size_of_the_window(explainer):
    brush = explainer.hide_and_see()
    explainer.method = "occlusion"
    explainer.patch = 16
    brush.wait(60)
    assert np.array_equal(brush.heatmap, explainer.heatmap)


def test_what_one_refuses_neither_keeps(explainer):
    brush = explainer.hide_and_see()
    before = chosen(brush)
    for widget in (explainer, brush):
        with pytest.raises(TraitError, match="nope"):
            widget.layer = "nope"
    assert chosen(brush) == chosen(explainer) == before
    brush.follow(replace(explainer.choice(), target=99), by_page=True)
    assert "4 classes" in brush.error
    assert chosen(brush) == chosen(explainer) == before


def test_closing_the_brush_leaves_the_explainer_whole_and_frees_the_brush(explainer):
    explainer.hide_and_see().close()
    before = open_widgets()
    brush = explainer.hide_and_see()
    brush.mask = np.ones(SIZE, bool)
    gone = weakref.ref(brush)
    brush.close()
    del brush
    gc.collect()
    assert gone() is None
    assert brush_below(explainer) is None
    assert open_widgets() == before
    explainer.target = "green"
    assert "green" in explainer.status
    assert explainer.exploration.keeps(0)


def test_closing_the_explainer_leaves_a_brush_that_code_holds_whole(explainer):
    brush = explainer.hide_and_see()
    brush.mask = np.ones(SIZE, bool)
    explainer.close()
    assert len(brush.history) == 1
    brush.image_index, brush.method = 1, "saliency"
    assert "bee" in brush.status
    assert explainer.exploration.keeps(1)
    brush.close()
    assert not explainer.exploration.keeps(1)


def test_closing_the_explainer_closes_a_brush_that_only_the_page_opened(model, pictures):
    explainer = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    before = open_widgets()
    from_page(explainer, _brush_wanted=1)
    brush, identity = brush_below(explainer), explainer.model_id
    explainer.close()
    assert repr(brush) == "OcclusionBrush(nothing shown)"
    assert open_widgets() == before - {identity}


def test_a_brush_that_cannot_be_opened_is_told_on_the_page(explainer):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    explainer.exploration.predictions = broken
    from_page(explainer, _brush_wanted=1)
    assert "out of memory" in explainer.error
    assert brush_below(explainer) is None


def test_a_page_without_kernel_knows_of_no_brush(explainer, tmp_path):
    explainer.hide_and_see()
    explainer.to_html(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    state = text.partition('id="xcnn-state">')[2].partition("</script>")[0]
    assert json.loads(state)["_brush"] is None


def test_an_explainer_without_brush_does_not_import_ipycanvas():
    code = (
        "import sys, torch, xcnn_widgets as xw\n"
        "net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(),"
        " torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())\n"
        "xw.ExplainerWidget(net, torch.rand(3, 20, 30))\n"
        "assert 'ipycanvas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
