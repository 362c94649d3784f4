"""One HTML file with everything in it: the page's script, its styles, and the state of a widget."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent.parent / "static"
# Of the traits that a notebook or a page saves; who does not know it says so.
STATE_VERSION = 1

_TITLE = "What a network looks at"
# The browser itself keeps the page from asking anybody for anything.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{styles}</style>
</head>
<body class="{kind}">
{content}
{states}
<script type="module">{script}</script>
</body>
</html>
"""
_WIDGET = """<h1>{title}</h1>
<div id="xcnn-widget" data-xcnn-state="xcnn-state"></div>
<noscript>This page draws its pictures with JavaScript, which is switched off here.</noscript>"""
_STATE = '<script type="application/json" id="{name}">{state}</script>'


def page(title: str | None, state: dict[str, Any]) -> str:
    """A page that shows a widget.

    Parameters
    ----------
    title
        Plain text; None is a title that fits every widget.
    state
        The widget's traits: what JSON takes, and bytes.

    Returns
    -------
    str
        HTML that asks for no other file.
    """
    title = _TITLE if title is None else title
    return document(title, _WIDGET.format(title=html.escape(title)), {"xcnn-state": state})


def document(
    title: str,
    content: str,
    states: Mapping[str, dict[str, Any]],
    *,
    kind: str = "xcnn-page",
    styles: str = "",
    also_allowed: str = "",
) -> str:
    """A page of any content, in which elements with ``data-xcnn-state`` become widgets.

    Parameters
    ----------
    title
        The name of the browser's tab: plain text.
    content
        HTML.
    states
        The widgets' traits, by the names that the content calls them.
    kind
        The body's classes.
    styles
        What comes before the styles of the page itself.
    also_allowed
        What the page may use beyond scripts, styles and pictures of its own, as in its policy.
    """
    return _DOCUMENT.format(
        policy=_POLICY + also_allowed,
        title=html.escape(title),
        styles=(styles + static_text("front_end.css") + static_text("page.css")).replace(
            "</", r"<\/"
        ),
        kind=kind,
        content=content,
        states="\n".join(state_in_html(name, state) for name, state in states.items()),
        script=_script_in_html(static_text("front_end.js") + "\nxcnn.showAll();"),
    )


def static_text(name: str) -> str:
    """The text of a file of the built front end.

    Raises
    ------
    FileNotFoundError
        If it is not built; the message says how to.
    """
    try:
        return (STATIC / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the front end {name} is not built; in a checkout run `make lab`, "
            "or `npm ci && npm run build` in js/"
        ) from None


def state_in_html(name: str, state: dict[str, Any]) -> str:
    """A widget's state as an element that an element with ``data-xcnn-state`` calls by its name."""
    return _STATE.format(name=html.escape(name), state=in_json(state))


def in_json(state: dict[str, Any]) -> str:
    """A widget's state as JSON that ends no script element, its bytes in base64."""
    return json.dumps(state, default=_binary).replace("<", r"\u003c")


def write_whole(path: str | PathLike[str], text: str) -> None:
    """Write a file in one step: there is the old one or the new one, never a part.

    Raises
    ------
    OSError
        If it cannot be written; the message names the file and the cause.
    """
    target = Path(path)
    beside = None
    try:
        handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(_mode(target))
        Path(beside).replace(target)
    except BaseException as error:
        if beside is not None:
            with suppress(OSError):
                Path(beside).unlink()
        if not isinstance(error, OSError):
            raise
        why = error.strerror or str(error)
        raise type(error)(
            error.errno,
            f"{os.fspath(path)} could not be written: {why}; what was there is as it was",
        ) from error


def _mode(target: Path) -> int:
    """Who may read and write: as with the file that was there, else as with any new file."""
    with suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _binary(value: Any) -> dict[str, str]:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"{value!r} has no place in a page's state")
    return {"base64": base64.b64encode(value).decode()}


def _script_in_html(script: str) -> str:
    """A script that ends no script element; within its strings the backslashes change nothing."""
    return re.sub(r"<(?=/script|!--)", r"\\x3c", script, flags=re.IGNORECASE)
