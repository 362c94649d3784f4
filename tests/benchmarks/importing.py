"""What an import costs, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from .rows import Bound, Contender, Rival, Row, row
from .timing import Effort

_LIMIT = 0.3
_SCRIPT = """
import time
import torch, ipywidgets
start = time.{clock}()
import xcnn_widgets
print(time.{clock}() - start)
"""


def importing(effort: Effort) -> Iterator[Row]:
    """The seconds that ``import xcnn_widgets`` adds to those of torch and ipywidgets."""
    script = _SCRIPT.format(clock=effort.clock.__name__)
    seconds = [
        float(
            subprocess.run(
                [sys.executable, "-c", script], check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(effort.rounds)
    ]
    yield row(
        "11 import xcnn_widgets",
        "none",
        Contender("ours", "import xcnn_widgets", lambda: None),
        Rival(
            Contender("0.3 s", "beyond import torch, ipywidgets", lambda: None),
            Bound("at_most", 1.0),
        ),
        seconds,
        [_LIMIT] * len(seconds),
        "ms",
        1e3,
    )
