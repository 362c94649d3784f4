"""Where the exercises of a notebook are: the question, the student's cell, its check, the words, the solution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

TURN = "# Your turn."


@dataclass(frozen=True)
class Exercise:
    """The cells of one exercise.

    Attributes
    ----------
    number
        1 for the first of the notebook.
    turn
        The cell where the student writes code.
    check
        The cell that says whether it is right; None where a person has to read it.
    words
        The cell where the student answers in words; None if none are asked for.
    solution
        The folded cell with the solution.
    """

    number: int
    turn: NotebookNode
    check: NotebookNode | None
    words: NotebookNode | None
    solution: NotebookNode


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """All exercises of a notebook, in their order.

    Raises
    ------
    ValueError
        If a check, an answer or a solution stands where no exercise has begun, or an exercise has no solution.
    """
    found: list[Exercise] = []
    cells: Iterator[NotebookNode] = iter(notebook.cells)
    for cell in cells:
        if cell.source == TURN:
            found.append(_exercise(len(found) + 1, cell, cells))
        elif _tags(cell):
            raise ValueError(f"this cell stands below no {TURN!r}:\n{cell.source}")
    return found


def _exercise(number: int, turn: NotebookNode, following: Iterator[NotebookNode]) -> Exercise:
    check = words = None
    for cell in following:
        tags = _tags(cell)
        if "check" in tags and check is None and words is None:
            check = cell
        elif "answer" in tags and words is None:
            words = cell
        elif "hide-cell" in tags:
            return Exercise(number, turn, check, words, cell)
        else:
            break
    raise ValueError(
        f"exercise {number}: expected a check, an answer in words and a solution, in this order, of which "
        "only the solution is a must"
    )


def _tags(cell: NotebookNode) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags
