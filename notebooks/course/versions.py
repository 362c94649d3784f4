"""A notebook as students get it, and as a teacher keeps it: both by nbgrader's scheme."""

from __future__ import annotations

import copy
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from .exercises import Exercise, exercises

POINTS = {"check": 2, "words": 1, "read": 2}
"""What is given for a check that passes, for an answer in words, and for code that a person reads."""

TEXT_STUB = "*Write here.*"

_INTRODUCTION = re.compile(r"Each has .*?Try it first\.", re.DOTALL)
_FOR_STUDENTS = (
    "Each has a cell for you. Most have a check below it: run it, and it says *right*, or what is off. "
    "Its code is folded, for it may give the answer away."
)
# nbgrader leaves out what stands between these when it writes the students' version, and puts it back to grade.
_NOT_YET = '    print("Not yet:", off)\n'
_RAISED = "    ### BEGIN HIDDEN TESTS\n    raise\n    ### END HIDDEN TESTS\n"


def for_students(notebook: NotebookNode) -> NotebookNode:
    """Without solutions and outputs; what `nbgrader generate_assignment` makes of the teacher's version."""
    return _version(notebook, teacher=False)


def for_teachers(notebook: NotebookNode) -> NotebookNode:
    """With the solution in each student's cell, between nbgrader's markers; a check that fails raises."""
    return _version(notebook, teacher=True)


def _version(notebook: NotebookNode, *, teacher: bool) -> NotebookNode:
    made = copy.deepcopy(notebook)
    made.metadata.pop("widgets", None)
    found = exercises(made)
    solutions = [exercise.solution for exercise in found]
    for exercise in found:
        _mark(exercise)
        if teacher:
            _solve(exercise)
        elif exercise.words is not None:
            exercise.words.source += f"\n\n{TEXT_STUB}"
    made.cells = [cell for cell in made.cells if not any(cell is other for other in solutions)]
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif cell.source.startswith("## Exercises"):
            cell.source = _INTRODUCTION.sub(_FOR_STUDENTS, cell.source)
    nbformat.validate(made)
    return made


def _mark(exercise: Exercise) -> None:
    name = f"exercise-{exercise.number}"
    points = None if exercise.check is not None else POINTS["read"]
    exercise.turn.metadata["nbgrader"] = _scheme(name, solution=True, points=points)
    if exercise.check is not None:
        scheme = _scheme(f"{name}-check", solution=False, points=POINTS["check"])
        exercise.check.metadata["nbgrader"] = scheme
    if exercise.words is not None:
        scheme = _scheme(f"{name}-words", solution=True, points=POINTS["words"])
        exercise.words.metadata["nbgrader"] = scheme


def _scheme(name: str, *, solution: bool, points: int | None) -> dict[str, Any]:
    """What nbgrader has to know of a cell; without points it is not graded by itself."""
    scheme: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "solution": solution,
        "grade": points is not None,
        "locked": not solution,
        "task": False,
    }
    return scheme if points is None else {**scheme, "points": points}


def _solve(exercise: Exercise) -> None:
    exercise.turn.source = _between_markers(exercise.solution.source)
    if exercise.words is not None:
        exercise.words.source += f"\n\n{_between_markers(_said(exercise.solution))}"
    if exercise.check is not None:
        before, handler, after = exercise.check.source.rpartition(_NOT_YET)
        if not handler:
            raise ValueError(
                f"the check of exercise {exercise.number} has no line {_NOT_YET.strip()}"
            )
        exercise.check.source = f"{before}{handler}{_RAISED}{after}"


def _between_markers(source: str) -> str:
    return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"


def _said(solution: NotebookNode) -> str:
    """What the solution prints: it holds an answer in words, too."""
    return "".join(output.get("text", "") for output in solution.outputs).strip()
