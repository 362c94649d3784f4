"""The brush as the page drives it: mouse, touch, keys and controls, as messages of ipycanvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from torch import nn

from xcnn_widgets import OcclusionBrush
from xcnn_widgets.widgets.brush.strokes import ellipse, line, rectangle

from ..conftest import NAMES, to_input

SIZE = (40, 56)
SCALE = 8


@pytest.fixture
def brush(model: nn.Module, pictures: dict[str, Any]) -> Iterator[OcclusionBrush]:
    """A brush on the small network; its canvas is 448 x 320."""
    made = OcclusionBrush(model, pictures, NAMES, transform=to_input, size=6)
    yield made
    made.close()


def send(brush: OcclusionBrush, event: str, **content: Any) -> None:
    layer = brush._canvas.widget[3]
    layer._handle_frontend_event(layer, {"event": event, **content}, [])


def mouse(brush: OcclusionBrush, kind: str, x: float, y: float) -> None:
    send(brush, f"mouse_{kind}", x=x * SCALE, y=y * SCALE)


def drag(brush: OcclusionBrush, *way: tuple[float, float]) -> None:
    mouse(brush, "down", *way[0])
    for point in way[1:]:
        mouse(brush, "move", *point)
    mouse(brush, "up", *way[-1])
    brush.wait(60)


def press(brush: OcclusionBrush, *keys: str, shift: bool = False, ctrl: bool = False) -> None:
    for key in keys:
        send(brush, "key_down", key=key, shift_key=shift, ctrl_key=ctrl, meta_key=False)
    brush.wait(60)


def test_a_stroke_hides_what_the_brush_touches_and_is_answered(brush):
    drag(brush, (10, 12), (20, 12), (30, 22))
    expected = line(SIZE, (10, 12), (20, 12), 6) | line(SIZE, (20, 12), (30, 22), 6)
    assert np.array_equal(brush.mask, expected)
    assert brush.answer.hidden == pytest.approx(expected.mean())
    assert [each["hidden"] for each in brush.history] == [brush.answer.hidden]
    assert f"{expected.mean():.1%} hidden" in brush._controls.stage.status


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
    brush._controls.tool.value = "eraser"
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
    controls = brush._controls
    assert controls.undo.disabled
    controls.method.value = "grad_cam"
    controls.fraction.value = 0.2
    controls.paint_map.click()
    brush.wait(60)
    assert brush.mask.sum() == 448
    assert not controls.undo.disabled
    controls.invert.click()
    controls.target.value = "blue"
    brush.wait(60)
    assert brush.mask.sum() == 2240 - 448
    assert brush.target == 2
    controls.target.value = "bleu"
    assert "bleu" in brush.error
    controls.image_index.value = 2
    brush.wait(60)
    assert not brush.mask.any()
    controls.attempts[0][1].click()
    brush.wait(60)
    assert brush.image_index == 0
    assert brush.mask.sum() == brush.history[-1]["mask"].sum()


def test_what_python_sets_shows_in_the_controls(brush):
    brush.fill, brush.size, brush.method, brush.target = "black", 150, "saliency", "green"
    controls = brush._controls
    assert (controls.fill.value, controls.size.value, controls.method.value) == (
        "black",
        150,
        "saliency",
    )
    assert controls.target.value == "green"


def test_the_list_of_heatmaps_is_never_blank(brush):
    shown = brush._controls.method
    assert (brush.method, shown.label, shown.index) == (None, "none", 0)
    # As a page sets it.
    for index, name in ((1, "grad_cam"), (0, None), (3, "guided_backprop"), (0, None)):
        shown.set_state({"index": index})
        assert (brush.method, shown.index) == (name, index)
    for name, label in (("saliency", "Saliency"), (None, "none")):
        brush.method = name
        assert (shown.label, shown.index is None) == (label, False)
    assert not brush.error


def test_two_thousand_quick_moves_are_drawn_in_few_messages_and_leave_no_backlog(brush):
    asked: list[Any] = []
    sends: list[Any] = []
    ask = brush._answers.ask
    manager = brush._canvas.widget[0]._canvas_manager
    send_on = manager.send

    def count_question(**question: Any) -> Any:
        asked.append(question)
        return ask(**question)

    def count_message(*content: Any, **more: Any) -> None:
        sends.append(content)
        send_on(*content, **more)

    brush._answers.ask = count_question
    manager.send = count_message
    try:
        way = [(5 + i % 45, 5 + (i // 45) % 30) for i in range(2000)]
        drag(brush, *way)
    finally:
        del manager.send
    assert brush.mask.sum() > 1000
    assert np.array_equal(brush.history[-1]["mask"], brush.mask)
    assert len(brush.history) == 1
    assert not brush._worker.busy
    # Far fewer than moves, however slow the machine is.
    assert len(sends) < 400
    assert len(asked) < 200


def test_a_page_that_opens_is_drawn_anew(brush):
    brush.mask = rectangle(SIZE, (3, 3), (20, 20))
    drawn: list[Any] = []
    manager = brush._canvas.widget[0]._canvas_manager
    manager.send = lambda content, buffers: drawn.append(buffers)
    try:
        send(brush, "client_ready")
    finally:
        del manager.send
    assert len(drawn) == 1
    pictures = [bytes(data) for data in drawn[0][1:]]
    assert len(pictures) == 2
    assert all(data.startswith(b"\x89PNG") for data in pictures)
