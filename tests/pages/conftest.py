"""A notebook with widgets, run once, and the command line in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from xcnn_widgets.command import main

from ..widgets.conftest import model, pictures, sent, widget
from .lesson import run_lesson

__all__ = ["model", "pictures", "sent", "widget"]


@dataclass(frozen=True)
class Outcome:
    """What the command came to."""

    code: int
    said: str
    complained: str


@pytest.fixture
def publish(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run ``publish`` with some arguments."""

    def publish(*arguments: object) -> Outcome:
        code = main(["publish", *map(str, arguments)])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return publish


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a widget that has views computed ahead, a slider and a box."""
    return run_lesson(tmp_path_factory.mktemp("ran"))


def states_in(page: str) -> list[dict[str, Any]]:
    """The state of each live widget on a page."""
    found = re.findall(r'id="xcnn-state-\w+">(.*?)</script>', page, re.DOTALL)
    return [json.loads(state) for state in found]
