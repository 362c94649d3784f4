"""Formulas as MathML, as pages of `publish` have them: no script, and nothing that is fetched."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from xcnn_widgets.pages.formulas import formula

_logger = logging.getLogger(__name__)


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(_mathml(f"${node.astext()}$", node))
    raise nodes.SkipNode


def _display(writer: HTML5Translator, node: nodes.math_block) -> None:
    mathml = _mathml(f"$${node.astext()}$$", node)
    writer.body.append(f'<div class="formula" tabindex="0">{mathml}</div>')
    raise nodes.SkipNode


def _mathml(latex: str, node: nodes.Element) -> str:
    found = formula(latex)
    if not found.startswith("<math"):
        _logger.warning("latex2mathml cannot read %s", latex, location=node)
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the renderer ``mathml`` for ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
