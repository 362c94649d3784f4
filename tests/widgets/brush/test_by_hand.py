"""The brush as the page drives it: mouse, touch, keys and controls, as messages of ipycanvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import ipywidgets.widgets.widget as widget_module
import numpy as np
import pytest
from ipycanvas.canvas import _CANVAS_MANAGER  # type: ignore[import-untyped]
from torch import nn

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.widgets.brush.strokes import ellipse, line, rectangle

from ..conftest import NAMES, on_page, to_input
from .by_page import SCALE, choose, click, drag, mouse, press, send

SIZE = (40, 56)


@pytest.fixture
def brush(model: nn.Module, pictures: dict[str, Any]) -> Iterator[OcclusionBrush]:
    """A brush on the small network; its canvas is 448 x 320."""
    made = OcclusionBrush(model, pictures, NAMES, transform=to_input, size=6 / 40)
    yield made
    made.close()


def test_a_stroke_hides_what_the_brush_touches_and_is_answered(brush):
    drag(brush, (10, 12), (20, 12), (30, 22))
    expected = line(SIZE, (10, 12), (20, 12), 6) | line(SIZE, (20, 12), (30, 22), 6)
    assert np.array_equal(brush.mask, expected)
    assert brush.answer.hidden == pytest.approx(expected.mean())
    assert [each["hidden"] for each in brush.history] == [brush.answer.hidden]
    assert f"{expected.mean():.1%} hidden" in on_page(brush)["status"]


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
    choose(brush, tool="eraser")
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


def test_the_brush_is_a_share_of_the_picture(model, pictures):
    small = {"small": pictures["ant"][:20, :28]}
    for shown, size in ((pictures, 6), (small, 3)):
        brush = OcclusionBrush(model, shown, transform=to_input, size=0.15)
        press(brush, " ")
        height, width = brush.mask.shape
        at = (width / 2, height / 2)
        assert np.array_equal(brush.mask, line((height, width), at, at, size))
        brush.close()


def test_buttons_and_lists_do_what_the_traits_do(brush):
    assert on_page(brush)["_steps"] == [False, False]
    choose(brush, method="grad_cam", fraction=0.2)
    click(brush, "paint_map")
    assert brush.mask.sum() == 448
    assert on_page(brush)["_steps"] == [True, False]
    click(brush, "invert")
    choose(brush, target=2)
    assert brush.mask.sum() == 2240 - 448
    choose(brush, target=7)
    assert "4 classes" in brush.error
    assert on_page(brush)["target"] == brush.target == 2
    choose(brush, image_index=2)
    assert not brush.mask.any()
    newest = on_page(brush)["history"][0]
    click(brush, "return_to", newest["position"])
    assert brush.image_index == 0
    assert brush.mask.sum() == brush.history[-1]["mask"].sum()
    click(brush, "clear")
    click(brush, "undo")
    assert on_page(brush)["_steps"] == [True, True]
    click(brush, "redo")
    assert not brush.mask.any()


def test_quick_clicks_that_come_in_one_message_are_all_done_and_none_twice(brush):
    for left in (5, 20, 40):
        drag(brush, (left, 12), (left, 20))
    undos = [[1, "undo"], [2, "undo"]]
    choose(brush, _wanted=undos)
    assert np.array_equal(brush.mask, brush.history[0]["mask"])
    choose(brush, _wanted=[*undos, [3, "redo"]])
    assert np.array_equal(brush.mask, brush.history[1]["mask"])
    choose(brush, _wanted=[[4, "close"]])
    assert repr(brush) != "OcclusionBrush(nothing shown)"


def test_a_page_knows_the_newest_attempts_by_their_place_in_the_history(brush):
    for at in range(14):
        drag(brush, (3 * at + 3, 12), (3 * at + 3, 20))
    told = on_page(brush)["history"]
    assert [each["position"] for each in told] == [*range(13, 1, -1)]
    assert told[0]["sentence"].startswith("Return to")
    assert all(each["picture"].startswith(b"\x89PNG") for each in told)


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


def test_a_brush_draws_after_all_widgets_were_closed(brush, model, pictures, monkeypatch):
    brush.mask = rectangle(SIZE, (3, 3), (20, 20))
    # What other tests of this process left behind may have had another manager of comms.
    _CANVAS_MANAGER.comm = None
    _CANVAS_MANAGER.open()
    own = (brush, brush._canvas, _CANVAS_MANAGER)
    everywhere = widget_module._instances
    monkeypatch.setattr(widget_module, "_instances", {each.model_id: each for each in own})
    ipywidgets.Widget.close_all()
    # Other tests look at all widgets: they must not meet those that are closed now.
    for name in [name for name, each in everywhere.items() if each.comm is None]:
        del everywhere[name]
    assert _CANVAS_MANAGER.comm is None
    sends: list[Any] = []
    monkeypatch.setattr(_CANVAS_MANAGER, "send", lambda *content, **_: sends.append(content))
    other = OcclusionBrush(model, pictures, NAMES, transform=to_input)
    assert _CANVAS_MANAGER.comm is not None
    assert sends
    drag(other, (10, 12), (20, 12))
    assert other.mask.any()
    other.close()
