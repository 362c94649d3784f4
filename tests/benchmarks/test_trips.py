"""Trips are counted as their module says."""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path
from threading import Thread

import pytest

from .networks import TINY, network
from .trips import Trace, Trip, trips


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two files: `ask` calls `answer` twice, once by way of `map`, and itself in between."""
    folder = tmp_path / "traced_package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "answering.py").write_text("def answer(number): return number\n")
    asking = """
        from .answering import answer

        def ask():
            return answer(1) + again()

        def again():
            return sum(map(answer, [1]))
        """
    (folder / "asking.py").write_text(textwrap.dedent(asking))
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("traced_package.asking")
    for name in [name for name in sys.modules if name.startswith("traced_package")]:
        del sys.modules[name]


def test_a_trip_comes_in_once_and_goes_to_another_file_and_back_with_each_call(package):
    with Trace(Path(package.__file__).parent) as trace:
        assert trace.count(package.ask) == Trip(files=2, moves=1 + 2 * 2)
        assert trace.count(lambda: package.answer(1)) == Trip(files=1, moves=1)


def test_what_another_thread_does_on_the_trip_counts_too(package):
    def ask_elsewhere() -> None:
        thread = Thread(target=package.ask)
        thread.start()
        thread.join()

    with Trace(Path(package.__file__).parent) as trace:
        package.ask()
        assert trace.count(ask_elsewhere) == Trip(files=2, moves=5)


def test_a_trace_leaves_the_profiler_that_was_there():
    def mine(*_: object) -> None: ...

    sys.setprofile(mine)
    try:
        with Trace(Path(__file__).parent):
            pass
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(None)


def test_a_known_view_is_a_shorter_trip_than_a_new_one():
    found = trips(network(TINY))
    new, known = found["a layer, first time"], found["a layer, known view"]
    assert 1 <= known.files < new.files
    assert known.moves < new.moves < found["a gallery page"].moves
    assert found["explain with a layer"].moves > 1
