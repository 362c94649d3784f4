"""The brush as the page drives it: mouse, touch, keys and controls, as messages of ipycanvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
import pytest
from ipycanvas.canvas import _CANVAS_MANAGER  # type: ignore[import-untyped]
from torch import nn

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.widgets.brush.strokes import ellipse, line, rectangle

from ..conftest import NAMES, to_input
from .by_page import SCALE, attempts, control, drag, mouse, parts, press, send, stage

SIZE = (40, 56)


@pytest.fixture
def brush(model: nn.Module, pictures: dict[str, Any]) -> Iterator[OcclusionBrush]:
    """A brush on the small network; its canvas is 448 x 320."""
    made = OcclusionBrush(model, pictures, NAMES, transform=to_input, size=6)
    yield made
    made.close()


def test_a_stroke_hides_what_the_brush_touches_and_is_answered(brush):
    drag(brush, (10, 12), (20, 12), (30, 22))
    expected = line(SIZE, (10, 12), (20, 12), 6) | line(SIZE, (20, 12), (30, 22), 6)
    assert np.array_equal(brush.mask, expected)
    assert brush.answer.hidden == pytest.approx(expected.mean())
    assert [each["hidden"] for each in brush.history] == [brush.answer.hidden]
    assert f"{expected.mean():.1%} hidden" in stage(brush).status


def test_moving_without_a_button_hides_nothing(brush):
    mouse(brush, "move", 10, 10)
    mouse(brush, "move", 30, 30)
    mouse(brush, "out", 30, 0)
    assert not brush.mask.any()
    assert brush.history == ()


def test_a_stroke_that_leaves_the_picture_ends_there(brush):
    mouse(brush, "down", 10, 10)
    mouse(brush, "out", 10, -3)
    mouse(brush, "move", 40, 30)
    brush.wait(60)
    assert np.array_equal(brush.mask, line(SIZE, (10, 10), (10, 10), 6))


def test_the_eraser_shows_again_what_it_touches(brush):
    brush.mask = np.ones(SIZE, bool)
    tools = next(part for part in parts(brush) if isinstance(part, ipywidgets.ToggleButtons))
    tools.value = "eraser"
    drag(brush, (10, 12), (20, 12))
    assert np.array_equal(brush.mask, ~line(SIZE, (10, 12), (20, 12), 6))


@pytest.mark.parametrize(("tool", "shape"), [("rectangle", rectangle), ("ellipse", ellipse)])
def test_a_shape_lies_between_the_corners_of_the_last_move(brush, tool, shape):
    brush.tool = tool
    drag(brush, (30, 30), (50, 35), (12, 8))
    assert np.array_equal(brush.mask, shape(SIZE, (30, 30), (12, 8)))


def test_fingers_paint_like_a_mouse(brush):
    for event, touches in (
        ("start", [(10, 12)]),
        ("move", [(20, 12)]),
        ("end", []),
    ):
        points = [{"x": x * SCALE, "y": y * SCALE} for x, y in touches]
        send(brush, f"touch_{event}", touches=points)
    brush.wait(60)
    assert np.array_equal(brush.mask, line(SIZE, (10, 12), (20, 12), 6))


def test_arrows_move_the_cursor_and_space_paints(brush):
    press(brush, "ArrowLeft", "ArrowUp", "ArrowUp")
    press(brush, "ArrowRight", shift=True)
    press(brush, " ")
    at = (28 - 3 + 1, 20 - 6)
    assert np.array_equal(brush.mask, line(SIZE, at, at, 6))
    press(brush, "z", ctrl=True)
    assert not brush.mask.any()
    press(brush, "y", ctrl=True)
    assert brush.mask.any()


def test_keys_draw_a_rectangle_between_two_presses_and_escape_gives_it_up(brush):
    brush.tool = "rectangle"
    press(brush, " ", "ArrowRight", "ArrowDown", "Enter")
    assert np.array_equal(brush.mask, rectangle(SIZE, (28, 20), (31, 23)))
    press(brush, " ", "ArrowRight", "Escape")
    assert np.array_equal(brush.mask, rectangle(SIZE, (28, 20), (31, 23)))


def test_buttons_and_lists_do_what_the_traits_do(brush):
    undo = control(brush, "Undo")
    assert undo.disabled
    control(brush, "Heatmap").value = "grad_cam"
    control(brush, "Share").value = 0.2
    control(brush, "Paint what the map says").click()
    brush.wait(60)
    assert brush.mask.sum() == 448
    assert not undo.disabled
    control(brush, "Invert").click()
    control(brush, "Class").value = "blue"
    brush.wait(60)
    assert brush.mask.sum() == 2240 - 448
    assert brush.target == 2
    control(brush, "Class").value = "bleu"
    assert "bleu" in brush.error
    control(brush, "Picture").value = 2
    brush.wait(60)
    assert not brush.mask.any()
    attempts(brush)[0].click()
    brush.wait(60)
    assert brush.image_index == 0
    assert brush.mask.sum() == brush.history[-1]["mask"].sum()


def test_what_python_sets_shows_in_the_controls(brush):
    brush.fill, brush.size, brush.method, brush.target = "black", 150, "saliency", "green"
    labels = ("Fill with", "Size", "Heatmap", "Class")
    shown = [control(brush, label).value for label in labels]
    assert shown == ["black", 150, "saliency", "green"]


def test_the_list_of_heatmaps_is_never_blank(brush):
    shown = control(brush, "Heatmap")
    assert (brush.method, shown.label, shown.index) == (None, "none", 0)
    # As a page sets it.
    for index, name in ((1, "grad_cam"), (0, None), (3, "guided_backprop"), (0, None)):
        shown.set_state({"index": index})
        assert (brush.method, shown.index) == (name, index)
    for name, label in (("saliency", "Saliency"), (None, "none")):
        brush.method = name
        assert (shown.label, shown.index is None) == (label, False)
    assert not brush.error


def test_two_thousand_quick_moves_are_drawn_in_few_messages_and_leave_no_backlog(
    brush, model, monkeypatch
):
    sends: list[Any] = []
    asked: list[Any] = []
    monkeypatch.setattr(_CANVAS_MANAGER, "send", lambda *content, **_: sends.append(content))
    hook = model.register_forward_hook(lambda *_: asked.append(1))
    drag(brush, *[(5 + i % 45, 5 + (i // 45) % 30) for i in range(2000)])
    hook.remove()
    # Nothing is under way any more.
    brush.wait(0)
    assert brush.error == ""
    assert brush.mask.sum() > 1000
    assert np.array_equal(brush.history[-1]["mask"], brush.mask)
    assert len(brush.history) == 1
    # Far fewer than moves, however slow the machine is.
    assert 0 < len(sends) < 400
    assert 0 < len(asked) < 200


def test_a_page_that_opens_is_drawn_anew(brush, monkeypatch):
    brush.mask = rectangle(SIZE, (3, 3), (20, 20))
    drawn: list[Any] = []
    monkeypatch.setattr(_CANVAS_MANAGER, "send", lambda _, buffers: drawn.append(buffers))
    send(brush, "client_ready")
    assert len(drawn) == 1
    pictures = [bytes(data) for data in drawn[0][1:]]
    assert len(pictures) == 2
    assert all(data.startswith(b"\x89PNG") for data in pictures)
