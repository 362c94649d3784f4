"""The command line: `python -m xcnn_widgets COMMAND`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .datasets.command import add_explain
from .pages.command import add_publish


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line.

    Parameters
    ----------
    arguments
        What stands behind ``python -m xcnn_widgets``; by default, what the process was started with.

    Returns
    -------
    int
        0 if all went well; 1 if not, with the reason on standard error; 130 if it was interrupted and can be resumed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m xcnn_widgets", description="Look inside convolutional networks."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_explain(commands)
    add_publish(commands)
    asked = parser.parse_args(arguments)
    code: int = asked.carry_out(asked)
    return code
