"""Formulas as MathML, as pages of `publish` have them: no script, and nothing that is fetched."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from xcnn_widgets.pages.formulas import formula


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(formula(f"${node.astext()}$"))
    raise nodes.SkipNode


def _display(writer: HTML5Translator, node: nodes.math_block) -> None:
    mathml = formula(f"$${node.astext()}$$")
    writer.body.append(f'<div class="formula" tabindex="0">{mathml}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the renderer ``mathml`` for ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
