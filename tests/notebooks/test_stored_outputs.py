"""What a notebook shows is stored, and nothing else is."""

from __future__ import annotations

import ast
import json

import nbformat
import pytest

from .store_outputs import ANSWER, CHECK, SOLUTION, STATE, VIEW


def test_every_cell_that_shows_something_has_stored_it(notebook):
    for cell in code_cells(notebook):
        if shows_something(cell.source):
            assert cell.outputs, f"nothing is stored for:\n{cell.source}"


def test_no_stored_output_is_an_error_or_a_warning(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.get("text")


def test_cells_were_run_once_in_their_order(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_every_shown_widget_and_figure_has_a_picture(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "data" in output and "Widget(" in output.data.get("text/plain", ""):
                assert "image/png" in output.data, cell.source


def test_every_shown_widget_has_its_state(notebook):
    shown = shown_widgets(notebook)
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    assert shown <= set(states), "python tests/notebooks/store_outputs.py"
    for name in shown:
        state = states[name]["state"]
        assert state["error"] == "", state["error"]
        # Only a brush has to ask the network each time.
        is_brush = "Brush" in state["_anywidget_id"]
        assert is_brush or state["_atlas"] is not None, "call the widget's precompute()"


def test_nothing_is_stored_that_differs_from_run_to_run(notebook):
    assert set(notebook.metadata) - {"widgets"} == {"kernelspec", "language_info"}
    assert all(cell.metadata in ({}, SOLUTION, CHECK, ANSWER) for cell in notebook.cells)
    text = "".join(
        json.dumps({**output.get("data", {}), "image/png": "", "text": output.get("text", "")})
        for cell in code_cells(notebook)
        for output in cell.outputs
    )
    assert " at 0x" not in text, "an address in memory"
    names = set(notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}))
    assert names == {f"widget-{number + 1}" for number in range(len(names))}


def test_what_is_stored_is_small(notebook):
    # The front end takes 240 kB, views computed ahead 30 to 400 kB a picture; every class of a network 1.5 MB.
    widgets = len(json.dumps(notebook.metadata.get("widgets", {})))
    assert widgets < 4_000_000
    assert len(json.dumps(notebook)) - widgets < 2_000_000


def test_notebook_is_valid(notebook):
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("x = 1", False),
        ("x = 1\nx", True),
        ("x;", False),
        ("for i in a:\n    print(i)", True),
        ("w.layer = 'a'", False),
        ("# Your turn.", False),
    ],
)
def test_cells_that_show_something_are_told_from_those_that_do_not(code, shows):
    assert shows_something(code) is shows


def shown_widgets(notebook):
    return {
        output.data[VIEW]["model_id"]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if VIEW in output.get("data", {})
    }


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shows_something(source):
    """Whether a cell prints, draws, or ends in an expression."""
    tree = ast.parse(source)
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    last = tree.body[-1] if tree.body else None
    ends_in_value = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
    return bool(calls & {"print", "display", "plt.show"}) or ends_in_value
