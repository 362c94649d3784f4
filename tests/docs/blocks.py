"""Code blocks of a page: found, run as a reader would, and held to what their comments say."""

from __future__ import annotations

import ast
import doctest
import io
import re
import tokenize
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
# By this name a block that is run tells what came out.
_TOLD = "__told"


def blocks_of(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language, as it is written behind the fence."""
    text = page.read_text(encoding="utf-8")
    return [code for found, code in _FENCE.findall(text) if found == language]


def run_page(page: Path, folder: Path) -> dict[str, Any]:
    """Run all ``python`` blocks of a page, one after the other, in a folder; returns what they named.

    A comment behind an expression says what it gives, if it is a Python literal, as in
    ``result.values.shape  # (2, 7, 7)``, or one with an ellipsis, as ``0.39...``. A comment behind a
    ``print``, or in the lines below it, says what it prints. Both are compared.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    with chdir(folder):
        for number, block in enumerate(blocks_of(page, "python"), start=1):
            place = f"{page.name}, block {number}"
            told = _Promises(block, place)
            names[_TOLD] = told.check
            exec(compile(told.tree, place, "exec"), names)
    return names


def promises_of(block: str) -> int:
    """How many comments of a block say what comes out."""
    return len(_Promises(block, "").wanted)


class _Promises(ast.NodeTransformer):
    """A block whose expressions are checked against the comments behind them."""

    def __init__(self, block: str, place: str) -> None:
        self.place = place
        self.wanted: list[tuple[str, str]] = []
        self._lines = block.splitlines()
        self._comments = _comments(block)
        self.tree = ast.fix_missing_locations(self.visit(ast.parse(block)))

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        line = node.end_lineno or 0
        is_print = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "print"
        comment = self._comments.get(line, "")
        if is_print and not comment:
            comment = self._below(line + 1)
        if not comment or not (is_print or _is_value(comment)):
            return node
        number = ast.Constant(len(self.wanted))
        self.wanted.append((ast.unparse(node), comment))
        told = ast.Lambda(ast.arguments([], [], None, [], [], None, []), node.value)
        call = ast.Call(ast.Name(_TOLD, ast.Load()), [told, number, ast.Constant(is_print)], [])
        return ast.Expr(call)

    def _below(self, line: int) -> str:
        """The comment that begins in a line, to its end."""
        found: list[str] = []
        while self._lines[line - 1 : line] and self._lines[line - 1].lstrip().startswith("#"):
            found.append(self._comments[line])
            line += 1
        return " ".join(found)

    def check(self, told: Any, number: int, is_print: bool) -> None:
        """Compare what an expression gives, or prints, with the comment behind it."""
        line, wanted = self.wanted[number]
        if is_print:
            with redirect_stdout(io.StringIO()) as printed:
                told()
            got = printed.getvalue().strip()
            is_true = _alike(wanted, got)
        else:
            value = told()
            got = repr(value)
            is_true = _alike(wanted, got) if "..." in wanted else value == ast.literal_eval(wanted)
        assert is_true, f"{self.place}: {line} is {got}, not {wanted}"


def _alike(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted + "\n", got + "\n", doctest.ELLIPSIS)


def _is_value(comment: str) -> bool:
    """Whether a comment is a literal, or one with an ellipsis."""
    try:
        ast.literal_eval(comment.replace("...", ""))
    except (ValueError, SyntaxError):
        return False
    return True


def _comments(block: str) -> dict[int, str]:
    """The comment of each line that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(block).readline)
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokens
        if token.type == tokenize.COMMENT
    }
