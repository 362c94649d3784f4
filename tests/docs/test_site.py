"""The built site: whole, small where it must be, and asking nobody for anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import xcnn_widgets as xw
from xcnn_widgets import metrics

from .blocks import ROOT
from .pages import Pages, ReadPage

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
STATE = re.compile(r'<script type="application/json" id="(xcnn-[\w-]+)">')
PLACE = re.compile(r'data-xcnn-state="(xcnn-[\w-]+)"')
# What the landing page loads so that its widget answers.
LANDING = ("index.html", "_static/front_end.js", "_static/front_end.css", "_static/show_widgets.js")


def test_every_link_leads_to_a_place(pages: Pages) -> None:
    assert len(pages.read) > 80
    assert list(pages.broken()) == []


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html">b</a><a href="#top">top</a><a href="#far">far</a>'
        '<img src="https://example.com/x.png">'
    )
    pages = Pages(tmp_path)
    assert list(pages.from_elsewhere()) == ["a.html: https://example.com/x.png"]
    assert sorted(pages.broken()) == ["a.html: #far (no such place)", "a.html: b.html"]


def test_no_page_fetches_anything_from_elsewhere(pages: Pages) -> None:
    assert list(pages.from_elsewhere()) == []
    for style in pages.folder.rglob("*.css"):
        outside = re.findall(r"url\(\W?https?:[^)]*\)", style.read_text(encoding="utf-8"))
        assert outside == [], style


def test_the_landing_page_and_its_widget_take_less_than_a_megabyte_and_a_half(site: Path) -> None:
    assert sum((site / name).stat().st_size for name in LANDING) < 1_500_000
    assert {*LANDING[1:]} <= {
        address.partition("?")[0] for address in ReadPage(site / "index.html").fetched
    }


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_widget_of_a_notebook_has_its_place_and_its_state(site: Path, name: str) -> None:
    page = (site / "course" / f"{name}.html").read_text(encoding="utf-8")
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    states = STATE.findall(page)
    assert len(states) == len(set(states))
    assert set(PLACE.findall(page)) == set(states)
    shown = {
        output["data"]["text/plain"][0]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "ExplainerWidget(" in str(output.get("data", {}).get("text/plain", ""))
    }
    assert not shown or states, shown
    assert ("front_end.js" in page) == bool(states)


def test_front_end_is_loaded_only_where_a_widget_is(site: Path) -> None:
    assert "front_end" not in (site / "start.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_solutions_and_checks_of_exercises_are_folded(site: Path, name: str) -> None:
    page = (site / "course" / f"{name}.html").read_text(encoding="utf-8")
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    folded = [
        cell
        for cell in notebook["cells"]
        if {"hide-cell", "hide-input"} & set(cell["metadata"].get("tags", []))
    ]
    assert page.count('<details class="admonition hide above-input"') == len(folded)


def test_formulas_are_rendered_without_a_script(pages: Pages, site: Path) -> None:
    methods = (site / "guides/methods.html").read_text(encoding="utf-8")
    assert methods.count("<math ") > 15
    scripts = {address for page in pages.read.values() for address in page.fetched}
    assert [address for address in scripts if "mathjax" in address.lower()] == []


def test_every_public_name_has_its_entry(pages: Pages) -> None:
    names = set().union(
        *(page.names for path, page in pages.read.items() if path.parent.name == "reference")
    )
    public = [f"xcnn_widgets.{name}" for name in xw.__all__ if name != "demo"]
    public += [f"xcnn_widgets.metrics.{name}" for name in metrics.__all__]
    assert [name for name in public if name not in names] == []


def test_every_method_has_its_entry(pages: Pages) -> None:
    entries = {
        name.rpartition(".")[2]
        for name in pages.read[pages.folder / "reference/explain.html"].names
    }
    assert [name for name in xw.METHODS if name not in entries] == []
