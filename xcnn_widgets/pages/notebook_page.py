"""One HTML file of a notebook: nbconvert's text, code and outputs, and our own widgets."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from .formulas import formula, markdown_in_html
from .html import document
from .saved_widgets import State
from .self_contained import self_contained

_TEMPLATES = Path(__file__).parent / "template"
_CONTENT = """<main>
{body}
</main>
<noscript>The widgets of this page draw their pictures with JavaScript, which is switched off here.</noscript>"""


def notebook_page(
    notebook: NotebookNode,
    states: dict[str, State],
    path: Path,
    *,
    title: str | None = None,
    code: bool = True,
) -> tuple[str, list[str]]:
    """Write a notebook as a page that asks for nothing else.

    Parameters
    ----------
    notebook
        With the outputs to show, as `take_widgets` leaves them.
    states
        The widgets' state, by the names that the outputs call them.
    path
        Where the notebook stands: pictures that it names are looked for from there.
    title
        The name of the browser's tab; None is the first heading, or the file's name.
    code
        Whether to show what stands in code cells.

    Returns
    -------
    tuple[str, list[str]]
        The page, and what its author should know.
    """
    exporter: HTMLExporter = _Exporter(  # type: ignore[no-untyped-call]
        template_name="page",
        extra_template_basedirs=[str(_TEMPLATES)],
        filters={"formula": formula},
        exclude_input=not code,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    folder = str(path.resolve().parent)
    shown = _one_block_a_stream(notebook)
    converted, _ = exporter.from_notebook_node(shown, {"metadata": {"path": folder}})
    body, notes = self_contained(converted)
    page = document(
        title or _first_heading(notebook) or path.stem,
        _CONTENT.format(body=body),
        {f"xcnn-state-{name}": state for name, state in states.items()},
        kind="xcnn-page xcnn-notebook",
        styles=_colours_of_code(),
        also_allowed="; media-src data:; font-src data:",
    )
    return page, notes


class _Exporter(HTMLExporter):
    """nbconvert's own, with formulas that need no script."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown with its pictures and formulas in it."""
        attachments = context.get("cell", {}).get("attachments", {})
        return markdown_in_html(source, attachments, context["resources"]["metadata"]["path"])


def _one_block_a_stream(notebook: NotebookNode) -> NotebookNode:
    """A copy in which what a cell printed in turns is one text, as a notebook shows it."""
    shown: NotebookNode = copy.deepcopy(notebook)
    for cell in shown.cells:
        outputs: list[NotebookNode] = []
        for output in cell.get("outputs", []):
            last = outputs[-1] if outputs else {}
            if output.output_type == "stream" and last.get("name") == output.name:
                last["text"] += output.text
            else:
                outputs.append(output)
        if outputs:
            cell.outputs = outputs
    return shown


def _colours_of_code() -> str:
    """For light and dark."""
    light, dark = (
        HtmlFormatter(style=style).get_style_defs(".highlight")
        for style in ("default", "github-dark")
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _first_heading(notebook: NotebookNode) -> str | None:
    for cell in notebook.cells:
        found = cell.cell_type == "markdown" and re.search(
            r"^#+\s+(.+)$", cell.source, re.MULTILINE
        )
        if found:
            return re.sub(r"[*_`]", "", found[1]).strip()
    return None
