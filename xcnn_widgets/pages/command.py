"""`python -m xcnn_widgets publish NOTEBOOK.ipynb -o page.html`."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .failure import PublishError
from .html import write_whole
from .packing import bytes_in_words

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_NEEDED = ("nbclient", "nbconvert", "nbformat", "latex2mathml")
_ABOUT = """\
Run a notebook and write one HTML file: text, code, outputs, formulas, and widgets that go on working.

The file opens from disk, on any computer or phone, with no Python and no network. An ExplainerWidget or
a GalleryWidget answers every choice whose view was computed ahead: call its `precompute()` in the
notebook. Any other widget is shown as the picture or the text that it has in the notebook. The notebook
itself is not changed.
"""
_EXAMPLES = """\
examples:
  python -m xcnn_widgets publish lesson.ipynb                      writes lesson.html
  python -m xcnn_widgets publish lesson.ipynb -o site/index.html --no-code
  python -m xcnn_widgets publish lesson.ipynb --no-execute         shows the outputs that are stored
"""


def publish(asked: argparse.Namespace) -> int:
    """Carry out what `add_publish` took.

    Returns
    -------
    int
        0 if a page was written; 1 if not, with the reason on standard error.
    """
    try:
        _publish(asked)
    except (PublishError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; no page was written", file=sys.stderr)
        return 1
    return 0


def _publish(asked: argparse.Namespace) -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise PublishError(
            f"publishing needs {', '.join(missing)}: pip install 'xcnn-widgets[publish]'"
        )
    # These import what is only there with the extra.
    from .execution import execute, read_notebook
    from .notebook_page import notebook_page
    from .saved_widgets import take_widgets

    notebook = read_notebook(asked.notebook)
    if not asked.no_execute:
        execute(notebook, asked.notebook, asked.timeout, asked.kernel, _tell)
    widgets = take_widgets(notebook)
    page, notes = notebook_page(
        notebook, widgets.states, asked.notebook, title=asked.title, code=not asked.no_code
    )
    output = asked.output or asked.notebook.with_suffix(".html")
    write_whole(output, page)
    for note in (*widgets.notes, *notes):
        print(f"note: {note}", file=sys.stderr)
    print(f"{output}: {_counted(widgets.shown)}, {bytes_in_words(len(page.encode()))}")


def add_publish(commands: Commands) -> None:
    """Let a command line take ``publish NOTEBOOK.ipynb``."""
    parser = commands.add_parser(
        "publish",
        help="write a notebook as one HTML page whose widgets work without Python",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK.ipynb", help="what to publish")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PAGE.html",
        help="where to write; a file that is there is replaced in one step (default: beside the notebook)",
    )
    parser.add_argument(
        "--no-execute",
        action="store_true",
        help="do not run the notebook: show the outputs and the widget state that are stored in it",
    )
    parser.add_argument(
        "--title", metavar="TEXT", help="the name of the browser's tab (default: the first heading)"
    )
    parser.add_argument("--no-code", action="store_true", help="leave the code cells' code out")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=600,
        metavar="SECONDS",
        help="the longest that one cell may run; 0 is for ever (default: 600)",
    )
    parser.add_argument(
        "--kernel", metavar="NAME", help="the kernel to run it in (default: the notebook's own)"
    )
    parser.set_defaults(carry_out=publish)


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, 0 or more")
    return int(text)


def _tell(line: str) -> None:
    """Say how far it is, to somebody who is looking."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr)


def _counted(widgets: int) -> str:
    return "1 live widget" if widgets == 1 else f"{widgets or 'no'} live widgets"
