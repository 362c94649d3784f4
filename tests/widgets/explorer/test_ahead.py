"""What is likely asked next is answered while nobody asks, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from torch import nn
from xcnn_widgets.passes.fast.walk import Walk

from xcnn_widgets.study.choice import Choice
from xcnn_widgets.widgets.between_cells import BetweenCells, between_cells
from xcnn_widgets.widgets.explorer.ahead import Ahead, likely_next
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ...passes.test_cancelling import asked
from ..conftest import NAMES, to_input


class Always:
    """No cell runs, ever."""

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        yield lambda: True


class OneByOne:
    """Every step waits until a test lets it go, and tells when it has come."""

    def __init__(self) -> None:
        self.come, self.go = threading.Semaphore(0), threading.Semaphore(0)

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        self.come.release()
        assert self.go.acquire(timeout=60)
        yield lambda: True


@pytest.fixture
def eager(widget: ExplainerWidget) -> ExplainerWidget:
    widget._ahead = Ahead(widget._exploration, Always())
    return widget


def _asked(widget: ExplainerWidget, **choice: Any) -> list[Choice]:
    for name, value in choice.items():
        setattr(widget, name, value)
    return list(likely_next(widget._exploration, widget._choice()))


def _runs(model: nn.Module) -> tuple[list[int], Any]:
    ran: list[int] = []
    return ran, model.register_forward_hook(lambda *_: ran.append(1))


def test_the_other_layers_come_first_then_the_top_classes_then_the_next_picture(
    widget: ExplainerWidget,
) -> None:
    questions = _asked(widget, layer="4")
    likeliest = [prediction["index"] for prediction in widget.predictions]
    assert [question.layer for question in questions[:3]] == ["1", "4", "7"]
    assert [question.target for question in questions[3:-1]] == likeliest
    assert questions[-1].image_index == 1 and questions[-1].target is None
    assert {question.method for question in questions} == {"grad_cam"}
    assert len(_asked(widget, method="saliency")) == len(likeliest) + 1


def test_nothing_is_likely_after_slow_work_and_no_picture_follows_the_last(
    widget: ExplainerWidget,
) -> None:
    assert {question.image_index for question in _asked(widget, image_index=2)} == {2}
    assert _asked(widget, method="occlusion", patch=20, stride=20) == []


def test_no_picture_is_run_ahead_that_cannot_be_kept(model: nn.Module, pictures: Any) -> None:
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input, graph_bytes=200_000)
    try:
        assert _asked(widget, layer="4") == []
    finally:
        widget.close()
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input, graph_bytes=600_000)
    try:
        assert {question.image_index for question in _asked(widget, layer="4")} == {0}
    finally:
        widget.close()


def test_after_a_choice_on_screen_the_next_ones_run_nothing_and_send_nothing_ahead(
    eager: ExplainerWidget, model: nn.Module, sent: Callable[[ExplainerWidget], list[Any]]
) -> None:
    assert eager._ahead is not None
    eager.set_state({"layer": "4"})
    before = len(sent(eager))
    eager._ahead.wait(60)
    assert len(sent(eager)) == before
    ran, handle = _runs(model)
    try:
        for choice in ({"layer": "1"}, {"target": 2}, {"target": None}, {"image_index": 1}):
            known = eager._exploration.found(eager._choice())
            eager.set_state(choice)
            assert known is not None and not eager.error
            eager._ahead.wait(60)
        # The third picture, ahead of the hand.
        assert len(ran) == 1
        assert eager._exploration.found(eager._choice()) is eager.explanation
    finally:
        handle.remove()


def test_a_choice_from_code_starts_nothing(eager: ExplainerWidget) -> None:
    eager.layer = "4"
    assert eager._ahead is not None and eager._ahead._worker._latest is None


def test_a_person_who_acts_stops_it_after_the_step_under_way(widget: ExplainerWidget) -> None:
    times = OneByOne()
    ahead = widget._ahead = Ahead(widget._exploration, times)
    widget.set_state({"layer": "4"})
    assert times.come.acquire(timeout=60)
    first = ahead._worker._latest
    assert first is not None
    widget.set_state({"method": "occlusion"})
    times.go.release()
    assert first.done.wait(60)
    # The slow work has the machine for itself.
    assert ahead._worker._latest is first and not times.come.acquire(blocking=False)
    widget.wait(60)


class Interrupted:
    """Says after some times of being asked that it is time to end."""

    def __init__(self, after: int) -> None:
        self.left, self.steps = after, 0

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        self.steps += 1
        yield self._may

    def _may(self) -> bool:
        self.left -= 1
        return self.left >= 0


def test_an_answer_is_left_off_in_the_middle_and_goes_on_when_it_is_asked_for(
    widget: ExplainerWidget,
) -> None:
    widget.layer = "7"
    times = Interrupted(after=6)
    ahead = widget._ahead = Ahead(widget._exploration, times)
    widget.set_state({"target": 1})
    while times.steps < 3:
        assert ahead._worker.busy
    ahead.stop()
    ahead.wait(60)
    question = replace(widget._choice(), layer="1")
    assert widget._exploration.found(question) is None
    rest, _ = asked(lambda: widget._exploration.explain(question))
    whole, _ = asked(lambda: widget._exploration.explain(replace(question, target=2)))
    assert 0 < rest < whole


def test_what_is_no_choice_begins_nothing(eager: ExplainerWidget) -> None:
    eager.set_state({"opacity": 0.25})
    assert eager._ahead is not None and eager._ahead._worker._latest is None


def test_what_fails_ahead_is_told_to_whoever_asks_for_it(pictures: Any, model: nn.Module) -> None:
    class Failing(nn.Module):
        fails = False

        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, inputs: Any) -> Any:
            if self.fails:
                raise ValueError("too dark to see")
            return self.inner(inputs)

    failing = Failing()
    widget = ExplainerWidget(failing, pictures, NAMES, transform=to_input)
    try:
        ahead = widget._ahead = Ahead(widget._exploration, Always())
        failing.fails = True
        widget.set_state({"layer": "inner.4"})
        ahead.wait(60)
        assert widget.error == ""
        widget.set_state({"image_index": 1})
        assert "too dark to see" in widget.error and widget.image_index == 1
        failing.fails = False
        widget.set_state({"image_index": 2})
        assert widget.error == ""
    finally:
        widget.close()


def test_it_can_be_turned_off(model: nn.Module, pictures: Any) -> None:
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input, ahead=False)
    widget.set_state({"layer": "4"})
    assert widget._ahead is None
    widget.close()


@pytest.fixture
def shell() -> Any:
    """IPython as it stands behind a notebook."""
    found: Any = InteractiveShell()
    found.kernel = SimpleNamespace()
    found.get_parent = lambda: {"header": {"msg_type": "comm_msg"}}
    return found


def _may(times: BetweenCells) -> bool:
    with times.step() as may:
        return may()


def test_steps_are_allowed_only_between_cells_also_after_one_that_failed(shell: Any) -> None:
    shell.user_ns["may"], times = _may, BetweenCells(shell)
    shell.user_ns["times"] = times
    assert _may(times)
    shell.run_cell("seen = may(times)")
    assert shell.user_ns["seen"] is False
    shell.run_cell("1 / 0", silent=True)
    assert _may(times)


def test_a_cell_that_makes_the_first_widget_counts(shell: Any) -> None:
    shell.get_parent = lambda: {"header": {"msg_type": "execute_request"}}
    times = BetweenCells(shell)
    assert not _may(times)
    # That cell ends.
    shell.events.trigger("post_execute")
    assert _may(times)


def test_a_cell_waits_for_the_step_under_way(shell: Any) -> None:
    times = BetweenCells(shell)
    ran: list[int] = []
    shell.user_ns["ran"] = ran
    cell = threading.Thread(target=shell.run_cell, args=("ran.append(1)",))
    with times.step() as may:
        assert may()
        cell.start()
        while not times._cells:
            assert cell.is_alive()
        # It is told to end.
        assert not may() and not ran
    cell.join(60)
    assert ran == [1]


def test_a_message_does_not_wait_for_the_whole_answer_under_way(
    shell: Any, widget: ExplainerWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IPython takes what the page says to a widget for a cell."""
    times = BetweenCells(shell)
    come, go = threading.Event(), threading.Event()
    pass_on, stops = Walk._go, list[int]()

    def slowly(*args: Any) -> bool:
        if threading.current_thread().name == "xcnn-ahead":
            stops.append(1)
            if len(stops) == 4:
                come.set()
                assert go.wait(60)
        return pass_on(*args)

    widget.layer = "7"
    ahead = widget._ahead = Ahead(widget._exploration, times)
    monkeypatch.setattr(Walk, "_go", slowly)
    widget.set_state({"target": 1})
    assert come.wait(60)
    message = threading.Thread(target=shell.events.trigger, args=("pre_execute",))
    message.start()
    while not times._cells:
        assert message.is_alive()
    go.set()
    message.join(60)
    question = replace(widget._choice(), layer="1")
    assert len(stops) == 4 and widget._exploration.found(question) is None
    shell.events.trigger("post_execute")
    ahead.wait(60)
    assert widget._exploration.found(question) is not None


def _message(widget: ExplainerWidget, state: dict[str, Any], **other: Any) -> dict[str, Any]:
    data = {"method": "update", "state": state, **other}
    content = {"comm_id": widget.model_id, "data": data}
    return {"header": {"msg_type": "comm_msg"}, "content": content}


def _waits(
    shell: Any, times: BetweenCells, message: dict[str, Any], *, patience: float = 0.2
) -> bool:
    """Whether a message is kept waiting, for as long as we have patience, by a step that does not end."""
    shell.get_parent = lambda: message
    with times.step() as may:
        thread = threading.Thread(target=shell.events.trigger, args=("pre_execute",))
        thread.start()
        while may():
            # Whoever has come to the end since has told the step to end, too.
            assert thread.is_alive() or not may()
        thread.join(patience)
        waited = thread.is_alive()
    thread.join(60)
    shell.events.trigger("post_execute")
    assert _may(times)
    return waited


def test_a_message_waits_for_the_step_under_way_only_if_other_code_may_follow(
    shell: Any, widget: ExplainerWidget, model: nn.Module, pictures: Any
) -> None:
    times, state = BetweenCells(shell), {"target": 1, "opacity": 0.25}
    assert _waits(shell, times, _message(widget, state))
    times.let_through(widget)
    assert not _waits(shell, times, _message(widget, state), patience=60)
    assert _waits(shell, times, {"header": {"msg_type": "execute_request"}})
    assert _waits(shell, times, _message(widget, state, method="custom"))
    assert _waits(shell, times, _message(widget, {"_brush_wanted": 1}))
    other = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    assert _waits(shell, times, _message(other, state))
    times.let_through(other)
    to_other = _message(other, state)
    other.hide_and_see()
    assert _waits(shell, times, to_other)
    other.close()
    assert _waits(shell, times, to_other)
    widget.observe(lambda _: None, "status")
    assert _waits(shell, times, _message(widget, state))


def test_what_is_known_is_shown_while_a_step_has_not_ended(
    shell: Any, widget: ExplainerWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = BetweenCells(shell)
    times.let_through(widget)
    come, go, pass_on = threading.Event(), threading.Event(), Walk._go

    def slowly(*args: Any) -> bool:
        if threading.current_thread().name == "xcnn-ahead":
            come.set()
            assert go.wait(60)
        return pass_on(*args)

    widget.layer = "7"
    before = widget.status
    ahead = widget._ahead = Ahead(widget._exploration, times)
    monkeypatch.setattr(Walk, "_go", slowly)
    widget.set_state({"target": 1})
    assert come.wait(60) and widget.status != before
    shell.get_parent = lambda: _message(widget, {"target": None})
    shell.events.trigger("pre_execute")
    widget.set_state({"target": None})
    assert widget.status == before and not widget.error and ahead._worker.busy
    shell.events.trigger("post_execute")
    go.set()
    ahead.wait(60)
    assert not widget.error


def test_without_a_notebook_nothing_is_done_ahead() -> None:
    assert not _may(BetweenCells(InteractiveShell()))
    assert not _may(between_cells(lambda: None))
    assert between_cells(lambda: None) is between_cells(lambda: None)
