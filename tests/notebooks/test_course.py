"""`make course`: students get no solution, teachers get all, and checks tell right from wrong."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from notebooks.course.exercises import TURN, exercises
from notebooks.course.versions import TEXT_STUB, for_students, for_teachers
from notebooks.course.writing import write_course

from .conftest import NOTEBOOKS
from .store_outputs import ANSWER, CHECK, SOLUTION

# One that trains, and has a check of each kind.
EXECUTED = next(path for path in NOTEBOOKS if path.stem == "08_your_own_network")
# What nbgrader puts in the place of a solution, and takes out of a check.
SOLVED = re.compile(r"### BEGIN SOLUTION\n.*?\n### END SOLUTION", re.DOTALL)
HIDDEN = re.compile(
    r"^ *### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n", re.DOTALL | re.MULTILINE
)

CHECKED = """\
try:
    assert two == 2, f"{two} is not two"
except Exception as off:
    print("Not yet:", off)
else:
    print("right")
"""


@pytest.fixture
def small():
    """A notebook with an exercise that has all parts, and one that a person reads."""
    said = nbformat.v4.new_output("stream", text="Because it is even.\n")
    solution = new_code_cell("two = 1 + 1\nprint('Because it is even.')", metadata=SOLUTION)
    solution.outputs = [said]
    return new_notebook(
        cells=[
            new_markdown_cell(
                "## Exercises\n\nEach has a cell, and a folded solution. Try it first.\n\n**1.** Two?"
            ),
            new_code_cell(TURN),
            new_code_cell(CHECKED, metadata=CHECK),
            new_markdown_cell("*Your words: why?*", metadata=ANSWER),
            solution,
            new_markdown_cell("**2.** Draw it."),
            new_code_cell(TURN),
            new_code_cell("drawn = True", metadata=SOLUTION),
        ]
    )


def test_students_get_no_solution_and_every_check(notebook):
    made = for_students(notebook)
    sources = [cell.source for cell in made.cells]
    found = exercises(notebook)
    assert 3 <= len(found) <= 6
    assert sources.count(TURN) == len(found)
    for exercise in found:
        assert exercise.solution.source not in sources
        assert exercise.check is None or exercise.check.source in sources
    text = "\n".join(sources)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert "collapsed cell" not in text
    assert all(cell.outputs == [] for cell in made.cells if cell.cell_type == "code")
    assert "widgets" not in made.metadata


def test_teachers_get_every_solution_and_checks_that_raise(notebook):
    sources = [cell.source for cell in for_teachers(notebook).cells]
    for exercise in exercises(notebook):
        assert f"### BEGIN SOLUTION\n{exercise.solution.source}\n### END SOLUTION" in sources
    checks = [
        cell for cell in for_teachers(notebook).cells if "check" in cell.metadata.get("tags", [])
    ]
    assert len(checks) == sum(exercise.check is not None for exercise in exercises(notebook))
    assert all("    raise\n" in check.source for check in checks)


def test_nbgrader_would_make_the_students_version_of_the_teachers(notebook):
    students, teachers = for_students(notebook), for_teachers(notebook)
    released = []
    for cell in teachers.cells:
        stub = TURN if cell.cell_type == "code" else TEXT_STUB
        released.append(HIDDEN.sub("", SOLVED.sub(stub, cell.source)))
    assert released == [cell.source for cell in students.cells]
    assert [cell.metadata for cell in teachers.cells] == [cell.metadata for cell in students.cells]


def test_every_point_has_a_cell_of_its_own_name(small):
    schemes = [
        cell.metadata.nbgrader for cell in for_teachers(small).cells if "nbgrader" in cell.metadata
    ]
    told = {
        scheme.grade_id: (scheme.solution, scheme.grade, scheme.locked, scheme.get("points"))
        for scheme in schemes
    }
    assert told == {
        "exercise-1": (True, False, False, None),
        "exercise-1-check": (False, True, True, 2),
        "exercise-1-words": (True, True, False, 1),
        "exercise-2": (True, True, False, 2),
    }
    assert all(scheme.schema_version == 3 and not scheme.task for scheme in schemes)


def test_what_a_solution_prints_tells_the_teacher_which_words_may_stand_there(small):
    words = for_teachers(small).cells[3].source
    assert words.startswith("*Your words: why?*")
    assert SOLVED.findall(words) == [
        "### BEGIN SOLUTION\nBecause it is even.\n### END SOLUTION",
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (TURN, "Not yet: name 'two' is not defined\n"),
        ("two = 3", "Not yet: 3 is not two\n"),
        ("two = 2", "right\n"),
    ],
)
def test_a_check_says_right_or_what_is_off(small, written, said):
    made = for_students(small)
    made.cells[1].source = written
    NotebookClient(made).execute()
    assert _printed(made.cells[2]) == said


def test_a_wrong_answer_fails_where_it_is_graded(small):
    made = for_teachers(small)
    made.cells[1].source = "two = 3"
    NotebookClient(made, allow_errors=True).execute()
    assert made.cells[2].outputs[-1].ename == "AssertionError"


def test_teachers_version_passes_all_of_its_checks():
    made = for_teachers(nbformat.read(EXECUTED, as_version=4))
    NotebookClient(made, timeout=300).execute()
    checks = [cell for cell in made.cells if "check" in cell.metadata.get("tags", [])]
    assert len(checks) == 5
    assert {_printed(check) for check in checks} == {"right\n"}


def test_an_exercise_that_is_not_whole_is_refused(small):
    del small.cells[4]
    with pytest.raises(ValueError, match="exercise 1: expected a check"):
        for_students(small)


def test_course_has_pages_notebooks_and_an_index(tmp_path, small):
    source = tmp_path / "01_small.ipynb"
    small.cells.insert(0, new_markdown_cell("# Small & whole"))
    nbformat.write(small, source)
    write_course([source], tmp_path / "course")
    made = {
        str(path.relative_to(tmp_path / "course")) for path in (tmp_path / "course").rglob("*.*")
    }
    assert made == {
        "README.md",
        "index.html",
        "pages/01_small.html",
        "students/01_small.ipynb",
        "teachers/nbgrader_config.py",
        "teachers/source/01_small/01_small.ipynb",
    }
    index = (tmp_path / "course" / "index.html").read_text(encoding="utf-8")
    assert "Small &amp; whole" in index
    assert "2 exercises, 1 with a check" in index
    assert "{check}" not in (tmp_path / "course" / "README.md").read_text(encoding="utf-8")


def _printed(cell):
    # What is printed at once may come in pieces.
    return "".join(output.text for output in cell.outputs)
