"""Markdown as HTML, with its formulas as MathML: every browser draws it, and no script is needed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_DELIMITED = re.compile(r"\s*(\$\$|\$|\\\[|\\\()(.*?)(\$\$|\$|\\\]|\\\))\s*", re.DOTALL)


def markdown_in_html(source: str, attachments: Mapping[str, Any], folder: str) -> str:
    """Markdown as HTML, with the pictures that it names in a folder, or that are attached to its cell."""
    renderer = _Renderer(
        escape=False,
        attachments=dict(attachments),
        embed_images=True,
        path=folder,
        exclude_anchor_links=True,
    )
    return MarkdownWithMath(renderer=renderer).render(source)


def formula(latex: str) -> str:
    """LaTeX with its delimiters, as an output has it, as MathML."""
    found = _DELIMITED.fullmatch(latex)
    if found is None:
        return _mathml(latex, "block")
    return _mathml(found[2], "inline" if found[1] in ("$", "\\(") else "block")


class _Renderer(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


def _mathml(latex: str, display: str) -> str:
    """MathML; what cannot be read stays as it was written."""
    try:
        return convert(latex.strip(), display=display)
    except Exception:
        return f"<code>{html.escape(latex.strip())}</code>"
