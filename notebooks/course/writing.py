"""What a teacher gets: folders of notebooks, pages, an index, and how to use them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from xcnn_widgets.command import main

from .exercises import exercises
from .versions import POINTS, TEXT_STUB, for_students, for_teachers

HERE = Path(__file__).parent


def write_course(sources: Sequence[Path], folder: Path) -> None:
    """Write the course of these notebooks into a folder.

    Raises
    ------
    ValueError
        If an exercise is not whole.
    RuntimeError
        If a page could not be written; why stands on standard error.
    """
    for name in ("students", "teachers", "pages"):
        (folder / name).mkdir(parents=True)
    rows = []
    for source in sources:
        notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
        _write(for_students(notebook), folder / "students" / source.name)
        # As nbgrader wants it: a folder an assignment.
        assignment = folder / "teachers" / "source" / source.stem
        assignment.mkdir(parents=True)
        _write(for_teachers(notebook), assignment / source.name)
        write_page(source, folder / "pages" / f"{source.stem}.html")
        rows.append(_row(source.stem, notebook))
    config = f"""\
# What nbgrader (0.9) has to know of this course.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "xcnn-widgets"
c.ClearSolutions.code_stub = {{"python": "# Your turn."}}
c.ClearSolutions.text_stub = "{TEXT_STUB}"
c.ExecutePreprocessor.timeout = 600
"""
    (folder / "teachers" / "nbgrader_config.py").write_text(config, encoding="utf-8")
    shell = (HERE / "index.html").read_text(encoding="utf-8")
    (folder / "index.html").write_text(
        shell.replace("<!-- rows -->", "\n".join(rows)), encoding="utf-8"
    )
    readme = (HERE / "for_teachers.md").read_text(encoding="utf-8")
    for kind, points in POINTS.items():
        readme = readme.replace(f"{{{kind}}}", str(points))
    (folder / "README.md").write_text(readme, encoding="utf-8")


def write_page(source: Path, page: Path) -> None:
    """Write a page of what a notebook has stored; its widgets answer what was computed ahead."""
    code = main(["publish", str(source), "--no-execute", "-o", str(page)])
    if code:
        raise RuntimeError(f"no page of {source.name}")


def _write(notebook: NotebookNode, file: Path) -> None:
    nbformat.write(notebook, file)  # type: ignore[no-untyped-call]


def _row(stem: str, notebook: NotebookNode) -> str:
    title = re.match(r"# (.+)", notebook.cells[0].source)
    found = exercises(notebook)
    checks = sum(exercise.check is not None for exercise in found)
    words = f"{len(found)} exercises, {checks} with a check"
    name = escape(title[1] if title else stem)
    return f"""\
<tr>
  <td>{escape(stem[:2])}</td>
  <td><a href="pages/{stem}.html">{name}</a></td>
  <td><a href="students/{stem}.ipynb">students'</a></td>
  <td><a href="teachers/source/{stem}/{stem}.ipynb">teacher's</a></td>
  <td>{words}</td>
</tr>"""
