"""What is likely asked next is answered while nobody asks, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import traitlets
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from xcnn_widgets.study.choice import Choice
from xcnn_widgets.widgets.between_cells import BetweenCells, between_cells
from xcnn_widgets.widgets.explorer import ahead as working_ahead
from xcnn_widgets.widgets.explorer.ahead import likely_next
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget

from ..conftest import NAMES, to_input

Open = Callable[..., ExplainerWidget]


class Always:
    """No cell runs, ever; steps are counted."""

    def __init__(self) -> None:
        self.steps = 0

    def let_through(self, widget: Any) -> None:
        pass

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        self.steps += 1
        yield self.may

    def may(self) -> bool:
        return True


class Sometimes(Always):
    """A test says when a cell runs."""

    allowed = True

    def may(self) -> bool:
        return self.allowed


class OneByOne(Always):
    """Every step waits until a test lets it go, and tells when it has come."""

    def __init__(self) -> None:
        super().__init__()
        self.come, self.go = threading.Semaphore(0), threading.Semaphore(0)

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        self.come.release()
        assert self.go.acquire(timeout=60)
        with super().step() as may:
            yield may


class Watched:
    """Lets a test see whether the step under way may still go on."""

    def __init__(self, times: BetweenCells) -> None:
        self.let_through, self._times = times.let_through, times

    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        with self._times.step() as self.may:
            yield self.may


@pytest.fixture
def open_with(
    model: nn.Module, pictures: Any, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Open]:
    """Open a widget that asks somebody when it may work ahead."""
    made = []

    def open_with(times: Any, model: nn.Module = model, **options: Any) -> ExplainerWidget:
        monkeypatch.setattr(working_ahead, "between_cells", lambda: times)
        made.append(ExplainerWidget(model, pictures, NAMES, transform=to_input, **options))
        return made[-1]

    yield open_with
    for each in made:
        each.close()


_earlier: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _other_tests_left_some() -> None:
    _earlier.update(at_work())


def at_work() -> list[threading.Thread]:
    """Those who work ahead."""
    threads = set(threading.enumerate()) - _earlier
    return [thread for thread in threads if thread.name == "xcnn-ahead"]


def let_it_finish() -> None:
    for thread in at_work():
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def held_up(module: nn.Module) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Whoever works ahead waits behind a module: tells when it has come, and goes on when it is let go."""
    come, go = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        if threading.current_thread().name == "xcnn-ahead":
            come.set()
            assert go.wait(60)

    handle = module.register_forward_hook(hold)
    try:
        yield come, go
    finally:
        go.set()
        handle.remove()


@contextmanager
def runs_of(module: nn.Module) -> Iterator[list[int]]:
    ran: list[int] = []
    handle = module.register_forward_hook(lambda *_: ran.append(1))
    try:
        yield ran
    finally:
        handle.remove()


def _asked(widget: ExplainerWidget, **choice: Any) -> list[Choice]:
    for name, value in choice.items():
        setattr(widget, name, value)
    return list(likely_next(widget.exploration, widget.choice()))


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


def test_no_picture_is_run_ahead_that_cannot_be_kept(open_with: Open) -> None:
    assert _asked(open_with(Always(), graph_bytes=200_000), layer="4") == []
    small = open_with(Always(), graph_bytes=600_000)
    assert {question.image_index for question in _asked(small, layer="4")} == {0}


def test_after_a_choice_on_screen_the_next_ones_run_nothing_and_send_nothing_ahead(
    open_with: Open, model: nn.Module, sent: Callable[[ExplainerWidget], list[Any]]
) -> None:
    eager = open_with(Always())
    eager.wait(60)
    eager.set_state({"layer": "4"})
    before = len(sent(eager))
    let_it_finish()
    assert len(sent(eager)) == before
    with runs_of(model) as ran:
        for choice in ({"layer": "1"}, {"target": 2}, {"target": None}, {"image_index": 1}):
            eager.set_state(choice)
            assert not ran and not eager.error
            let_it_finish()
        # The third picture, ahead of the hand.
        assert len(ran) == 1
    assert eager.exploration.found(eager.choice()) is eager.explanation


def test_a_choice_from_code_starts_nothing(open_with: Open) -> None:
    times = Always()
    open_with(times).layer = "4"
    assert times.steps == 0 and not at_work()


def test_a_person_who_acts_stops_it_after_the_step_under_way(open_with: Open) -> None:
    times = OneByOne()
    widget = open_with(times)
    widget.set_state({"layer": "4"})
    assert times.come.acquire(timeout=60)
    widget.set_state({"method": "occlusion"})
    times.go.release()
    let_it_finish()
    # The slow work has the machine for itself.
    assert not times.come.acquire(blocking=False)
    widget.wait(60)


def test_a_forward_pass_is_left_off_in_the_middle_and_done_when_there_is_time(
    open_with: Open, model: nn.Sequential
) -> None:
    times = Sometimes()
    widget = open_with(times)
    with held_up(model[1]) as (come, go), runs_of(model[-1]) as ended:
        widget.set_state({"layer": "4"})
        assert come.wait(60)
        # Those on this picture need no more than a backward pass; this is the next picture's.
        times.allowed = False
        steps = times.steps
        go.set()
        while times.steps < steps + 2:
            assert at_work()
        assert not ended and not widget.exploration.keeps(1)
        times.allowed = True
        let_it_finish()
        assert len(ended) == 1 and widget.exploration.keeps(1)


def test_what_is_no_choice_begins_nothing(open_with: Open) -> None:
    times = Always()
    open_with(times).set_state({"opacity": 0.25})
    assert times.steps == 0 and not at_work()


def test_what_fails_ahead_is_told_to_whoever_asks_for_it(open_with: Open, model: nn.Module) -> None:
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
    widget = open_with(Always(), failing)
    failing.fails = True
    widget.set_state({"layer": "inner.4"})
    let_it_finish()
    assert widget.error == ""
    widget.set_state({"image_index": 1})
    assert "too dark to see" in widget.error and widget.image_index == 1
    failing.fails = False
    widget.set_state({"image_index": 2})
    assert widget.error == ""


def test_it_can_be_turned_off(open_with: Open) -> None:
    times = Always()
    open_with(times, ahead=False).set_state({"layer": "4"})
    assert times.steps == 0 and not at_work()


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
        # It is told to end.
        while may():
            assert cell.is_alive()
        assert not ran
    cell.join(60)
    assert ran == [1]


def test_a_message_does_not_wait_for_the_whole_answer_under_way(
    shell: Any, open_with: Open, model: nn.Sequential
) -> None:
    """IPython takes what the page says to a widget for a cell."""
    times = Watched(BetweenCells(shell))
    widget = open_with(times)
    # So that it is kept waiting.
    widget.observe(lambda _: None, "status")
    with held_up(model[1]) as (come, go), runs_of(model[-1]) as ended:
        widget.set_state({"target": 1})
        assert come.wait(60)
        message = threading.Thread(target=shell.events.trigger, args=("pre_execute",))
        message.start()
        while times.may():
            assert message.is_alive()
        go.set()
        message.join(60)
        assert not message.is_alive() and not ended
        shell.events.trigger("post_execute")
        let_it_finish()
        assert len(ended) == 1 and widget.exploration.keeps(1)


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
    times.let_through(widget)

    def follow(_: Any) -> None:
        """Somebody's own."""

    look, choice = {"opacity": 0.5}, {"target": 0}
    widget.observe(follow, "status")
    assert _waits(shell, times, _message(widget, choice))
    # A look does not change the status.
    assert not _waits(shell, times, _message(widget, look), patience=60)
    widget.unobserve(follow, "status")
    assert not _waits(shell, times, _message(widget, choice), patience=60)
    widget.observe(follow, ["opacity", "colormap"])
    assert _waits(shell, times, _message(widget, look))
    assert _waits(shell, times, _message(widget, {**choice, **look}))
    assert not _waits(shell, times, _message(widget, choice), patience=60)
    widget.unobserve_all("opacity")
    widget.unobserve(follow, "colormap")
    for names in (traitlets.All, "slice"):
        widget.observe(follow, names)
        assert _waits(shell, times, _message(widget, choice))
        widget.unobserve(follow, names)
    assert not _waits(shell, times, _message(widget, {**choice, **look}), patience=60)


def test_what_is_known_is_shown_while_a_step_has_not_ended(
    shell: Any, open_with: Open, model: nn.Sequential
) -> None:
    widget = open_with(BetweenCells(shell))
    before = widget.status
    with held_up(model[1]) as (come, go):
        widget.set_state({"target": 1})
        assert come.wait(60) and widget.status != before
        shell.get_parent = lambda: _message(widget, {"target": None})
        shell.events.trigger("pre_execute")
        widget.set_state({"target": None})
        assert widget.status == before and not widget.error and not go.is_set() and at_work()
        shell.events.trigger("post_execute")
        go.set()
        let_it_finish()
    assert not widget.error


def test_without_a_notebook_nothing_is_done_ahead() -> None:
    assert not _may(BetweenCells(InteractiveShell()))
    assert not _may(between_cells(lambda: None))
    assert between_cells(lambda: None) is between_cells(lambda: None)
