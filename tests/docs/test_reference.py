"""The reference has every public name, with the arguments that it takes."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

import xcnn_widgets as xw
from xcnn_widgets import metrics

from .blocks import ROOT

TEXT = "\n".join(
    page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs/reference").glob("*.md"))
)
# Each directive with the module that holds from there on.
_DIRECTIVE = re.compile(r"^\.\. (currentmodule|auto\w+):: ([\w.]+)(\(.*\))?$", re.MULTILINE)


def _documented() -> dict[str, str]:
    found, module = {}, ""
    for kind, name, arguments in _DIRECTIVE.findall(TEXT):
        if kind == "currentmodule":
            module = name
        else:
            full = name if name.startswith("xcnn_widgets.") else f"{module}.{name}"
            assert full not in found, f"{full} stands twice"
            found[full] = arguments
    return found


DOCUMENTED = _documented()


@pytest.mark.parametrize("name", [name for name in xw.__all__ if name != "demo"])
def test_every_public_name_is_there(name: str) -> None:
    assert f"xcnn_widgets.{name}" in DOCUMENTED


@pytest.mark.parametrize("name", metrics.__all__)
def test_every_metric_is_there(name: str) -> None:
    assert f"xcnn_widgets.metrics.{name}" in DOCUMENTED


@pytest.mark.parametrize("name", xw.METHODS)
def test_every_method_is_there(name: str) -> None:
    function = xw.METHODS[name].compute
    assert f"{function.__module__}.{function.__name__}" in DOCUMENTED


@pytest.mark.parametrize("name", ["load", "photos", "DemoNetwork"])
def test_the_demo_is_there(name: str) -> None:
    assert f"xcnn_widgets.demo.{name}" in DOCUMENTED


@pytest.mark.parametrize("name", [name for name, arguments in DOCUMENTED.items() if arguments])
def test_arguments_that_are_written_out_are_those_it_takes(name: str) -> None:
    of_class = inspect.signature(getattr(xw, name.rpartition(".")[2]).__init__)
    written = ast.parse(f"def f{DOCUMENTED[name]}: ...").body[0]
    assert isinstance(written, ast.FunctionDef)
    own = [
        parameter.replace(annotation=parameter.empty)
        for parameter in list(of_class.parameters.values())[1:]
    ]
    assert f"({ast.unparse(written.args)})" == re.sub(r" = ", "=", str(inspect.Signature(own)))


@pytest.mark.parametrize("name", xw.METHODS)
def test_every_method_has_its_row_in_the_guide(name: str) -> None:
    guide = (ROOT / "docs/guides/methods.md").read_text(encoding="utf-8")
    assert f"\n| `{name}` |" in guide


@pytest.mark.parametrize("name", metrics.ROW_METRICS)
def test_every_metric_of_a_gallery_is_in_the_guide(name: str) -> None:
    guide = (ROOT / "docs/guides/metrics.md").read_text(encoding="utf-8")
    assert f"| `{name}`" in guide
