"""The page `docs/where-it-runs.md`: a row a host, from the tests that open it and what they came to."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "where-it-runs.md"
REPORTS = ROOT / "tests" / "reports"
ALWAYS, ON_DEMAND = "every change", "`make test PART=hosts`"


@dataclass(frozen=True)
class Host:
    """Where widgets are shown.

    Attributes
    ----------
    name
        As people call it.
    package
        Whose version is told, as in the lists of `requirements`; empty for a page that needs none.
    seen
        What the tests look at.
    tests
        ``file::test`` below `tests/browser`.
    when
        When they run.
    """

    name: str
    package: str
    seen: str
    tests: tuple[str, ...]
    when: str = ALWAYS


HOSTS = (
    Host(
        "JupyterLab",
        "jupyterlab",
        "all widgets, light and dark, 390 px to 1400 px, keyboard, axe; saved notebooks opened again",
        (
            "test_notebooks.py::test_first_notebook_runs_in_jupyterlab",
            "test_page.py::test_widget_fits_and_everybody_can_use_it",
            "test_saved_notebooks.py::test_opened_again_in_jupyterlab_it_works",
        ),
    ),
    Host(
        "Notebook 7",
        "notebook",
        "the first notebook, run and answered; explorer and gallery of two models; keyboard",
        (
            "test_notebooks.py::test_first_notebook_runs_in_notebook_7",
            "test_two_models.py::test_two_models_are_compared_in_notebook_7",
            "test_keys.py::test_no_key_in_a_widget_reaches_the_cells",
        ),
    ),
    Host(
        "Voila",
        "voila",
        "the first notebook, run and answered",
        ("test_notebooks.py::test_first_notebook_runs_in_voila",),
    ),
    Host(
        "marimo",
        "marimo",
        "explorer and gallery for two visitors of an app, for its author, and exported; the brush shows its picture "
        "and says what it needs",
        (
            "hosts/test_marimo.py::test_visitors_of_an_app_get_whole_widgets",
            "hosts/test_marimo.py::test_an_author_runs_a_cell_again",
            "hosts/test_marimo.py::test_an_exported_page_keeps_its_picture_and_says_what_it_cannot",
        ),
    ),
    Host(
        "VS Code, Colab",
        "",
        "their colours, on a page that is dressed as theirs; in the hosts themselves by hand, last in November 2026",
        (
            "test_host_themes.py::test_it_follows_vscodes_theme",
            "test_host_themes.py::test_it_follows_colabs_dark_theme",
        ),
    ),
    Host(
        "a plain page",
        "",
        "what `to_html` writes, from disk, with no network",
        ("test_offline.py::test_every_choice_shows_what_python_computes",),
    ),
    Host(
        "a published notebook",
        "",
        "what `python -m xcnn_widgets publish` writes, from disk, with no network",
        (
            "test_saved_notebooks.py::test_a_published_page_works",
            "test_saved_every_class.py::test_a_published_notebook_answers_every_class",
        ),
    ),
    Host(
        "nbconvert",
        "nbconvert",
        "saved widgets answer, and their scripts come from the web; with no network, if asked to, and without widget state, "
        "the stored pictures show",
        (
            "test_saved_notebooks.py::test_what_nbconvert_writes_works",
            "test_saved_notebooks.py::test_without_widget_state_nbconvert_shows_the_picture",
            "test_saved_every_class.py::test_without_a_network_nbconvert_shows_the_pictures_if_asked_to",
        ),
    ),
    Host(
        "nbclassic",
        "nbclassic",
        "all widgets answer, and letters typed in them reach no cell",
        ("hosts/test_jupyters.py::test_all_widgets_answer_in_nbclassic",),
        ON_DEMAND,
    ),
    Host(
        "jupyter-collaboration",
        "jupyter-collaboration",
        "all widgets answer two people, and each sees what the other chooses",
        ("hosts/test_jupyters.py::test_two_people_share_the_widgets_of_a_notebook",),
        ON_DEMAND,
    ),
    Host(
        "Solara",
        "solara",
        "all widgets, for the second visitor as for the first",
        ("hosts/test_solara.py::test_the_second_visitor_of_solara_gets_what_the_first_gets",),
        ON_DEMAND,
    ),
    Host(
        "Panel",
        "panel",
        "explorer and gallery as wide as the page, at 1400 px and at 390",
        ("hosts/test_panel.py::test_widgets_are_as_wide_as_panel_s_page",),
        ON_DEMAND,
    ),
    Host(
        "Sphinx (furo)",
        "sphinx",
        "a page of ours in a frame, light and dark",
        ("hosts/test_sphinx.py::test_a_page_of_ours_stands_in_the_documentation",),
        ON_DEMAND,
    ),
)


def rows() -> list[str]:
    """The lines of the table."""
    versions = dict(_versions())
    lines = [
        "| host | version | what a browser test looks at | when |",
        "| --- | --- | --- | --- |",
    ]
    for host in HOSTS:
        version = versions[host.package] if host.package else ""
        lines.append(f"| {host.name} | {version} | {host.seen} | {host.when} |")
    return lines


def not_passed() -> list[str]:
    """The tests that did not pass in the last run of the parts `browser` and `hosts`, or did not run."""
    passed = {name for part in ("browser", "hosts") for name in _passed(REPORTS / f"{part}.xml")}
    return [test for host in HOSTS for test in host.tests if test not in passed]


def _passed(report: Path) -> Iterator[str]:
    if not report.is_file():
        return
    for case in ET.parse(report).iter("testcase"):
        if not any(case.findall(what) for what in ("failure", "error", "skipped")):
            file = case.get("classname", "").removeprefix("tests.browser.").replace(".", "/")
            yield f"{file}.py::{case.get('name', '').partition('[')[0]}"


def _versions() -> Iterator[tuple[str, str]]:
    for name in ("pinned.txt", "hosts.txt"):
        yield from _pins((ROOT / "requirements" / name).read_text().splitlines())


def _pins(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := re.match(r"([\w-]+)==([\w.]+)", line):
            yield found[1], found[2]
