"""Two models in JupyterLab: a gallery and an explorer of both are chosen in, read, and used by everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .explorer import Explorer
from .gallery import Gallery
from .lab import Lab
from .server import Kernel, Server
from .two_models import PREPARE

SIDEWAYS = "(root) => root.scrollWidth > root.clientWidth + 1"
THEMES = pytest.mark.parametrize("theme", ["Light", "Dark"])
WIDTHS = pytest.mark.parametrize("width", [1000, 390])


@pytest.fixture
def two(gallery_kernel: Kernel) -> Kernel:
    """The shared kernel, with two models made."""
    gallery_kernel.run(PREPARE)
    return gallery_kernel


@pytest.fixture
def gallery(two: Kernel, show_gallery: Callable[..., Gallery]) -> Gallery:
    del two
    return show_gallery("w = two_gallery(); w.summary(); w")


def shown_in(gallery: Gallery, kernel: Kernel) -> list[dict[str, Any]]:
    """What the kernel has of the rows, once the page shows the same."""
    order = gallery.control("order").input_value()
    kernel.until(f"w.order == {order!r} and w.wait(60) is None")
    rows: list[dict[str, Any]] = kernel.ask(
        "[{name: row[name] for name in ('name', 'changed', 'map_change')} |"
        " {'said': [m['target']['probability'] for m in row['maps'].values()]}"
        " for row in w.finished_rows()]"
    )
    gallery.expect_names(*(row["name"] for row in rows))
    expect(gallery.error).to_be_empty()
    return rows


def test_orders_begin_with_what_changed_most(gallery, two):
    gallery.control("order").select_option("changed")
    changed = [row["changed"] for row in shown_in(gallery, two)]
    assert changed == sorted(changed, reverse=True)
    assert sum(changed) == len(two.ask("expected('changed')")) > 0
    gallery.control("order").select_option("value_change")
    moved = [abs(row["said"][1] - row["said"][0]) for row in shown_in(gallery, two)]
    assert moved == sorted(moved, reverse=True) and moved[0] > moved[-1]
    gallery.control("order").select_option("map_change")
    apart = [row["map_change"] for row in shown_in(gallery, two)]
    assert apart == sorted(apart, reverse=True) and apart[0] > apart[-1]


def test_filters_show_what_the_second_fixed_and_broke(gallery, two):
    for show in ("fixed", "broken"):
        gallery.choose("show", show, "mouse")
        wanted = two.ask(f"expected({show!r})")
        gallery.expect_names(*wanted)
        assert wanted
        expect(gallery.control("changed").first).to_contain_text(f"⇄ Changed, {show}")


def test_the_model_chosen_is_the_one_that_is_read(gallery, two):
    gallery.control("model").select_option("after")
    gallery.choose("show", "wrong", "mouse")
    gallery.expect_names(*two.ask("expected('wrong after')"))
    gallery.choose("show", "all", "mouse")
    gallery.control("order").select_option("confidence")
    gallery.expect_names(*two.ask("expected('confident after')"))
    gallery.control("order").select_option("given")
    fold = gallery.root.locator("details", has_text="Confusion matrix of after").last
    fold.locator("summary").click()
    cell = gallery.root.locator("[data-xcnn=confused][data-right=true]").first
    told = cell.get_attribute("aria-label")
    count, label = told.split(" predicted as ")[0].split(" ", 1)
    cell.click()
    expect(gallery.rows).to_have_count(int(count))
    for place in range(int(count)):
        expect(gallery.rows.nth(place)).to_contain_text(f"True label: {label}")
    # By its name the class goes to the other model.
    gallery.control("model").select_option("before")
    expect(gallery.control("show-label-clear")).to_have_accessible_name(
        f"Only pictures labelled as {label}: show others again"
    )
    assert two.ask("NAMES[w.show_label]") == label


def test_a_gallery_measures_the_model_that_is_read(two, show_gallery):
    gallery = show_gallery("w = two_gallery(page_size=2, metrics=['deletion']); w")
    number = gallery.control("number-deletion").first
    expect(number).to_have_text(f"{two.ask(NUMBER)['grad_cam']:.3f}")
    gallery.control("model").select_option("after")
    expect(gallery.control("sort-deletion").locator("..")).to_contain_text("maps of after")
    two.until("w.model == 'after'")
    expect(number).to_have_text(f"{two.ask(NUMBER)['grad_cam@after']:.3f}")


NUMBER = "(w.wait(60), w._numbers['0']['deletion'])[1]"


@THEMES
@WIDTHS
def test_a_gallery_of_two_models_is_accessible_and_looked_at(
    gallery, lab, theme, width, screenshots
):
    lab.theme(theme)
    lab.cell_width(width)
    gallery.root.locator("details", has_text="Confusion matrix of").last.locator("summary").click()
    for rows in ("classes", "pictures"):
        gallery.choose("rows", rows, "mouse")
        gallery.expect_complete()
        gallery.settled()
        found = Axe().run(lab.page, ".xcnn")["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
        assert not gallery.root.evaluate(SIDEWAYS)
    gallery.screenshot(screenshots / f"gallery-two-{theme.lower()}-{width}.png")
    lab.theme("Light")


@THEMES
@WIDTHS
def test_an_explorer_of_two_models_is_accessible_and_looked_at(
    two, show, lab, theme, width, screenshots
):
    del two
    explorer = show("w = two_explorer(); w")
    lab.theme(theme)
    lab.cell_width(width)
    captions = explorer.root.locator(".xcnn-panes figcaption")
    expect(captions).to_have_count(3)
    expect(captions.nth(2)).to_have_text("after \u2212 before")
    boxes = [captions.nth(place).bounding_box() for place in range(3)]
    order = [(round(box["y"]), round(box["x"])) for box in boxes if box]
    assert order == sorted(order) and len(order) == 3
    found = Axe().run(lab.page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    assert not explorer.root.evaluate(SIDEWAYS)
    explorer.screenshot(screenshots / f"explorer-two-{theme.lower()}-{width}.png")
    lab.theme("Light")


def test_an_explorer_shows_both_their_difference_and_either_alone(two, show):
    explorer = show("w = two_explorer(); w")
    verdict = explorer.control("verdict")
    expect(verdict).to_contain_text("before")
    difference = explorer.root.locator("canvas[data-pane=difference]")
    expect(difference).to_be_visible()
    explorer.control("model").select_option("after")
    expect(explorer.root.locator(".xcnn-panes figcaption").nth(2)).to_have_text(
        "before \u2212 after"
    )
    assert two.ask("[w.model, w.beside]") == ["after", "before"]
    explorer.control("beside").select_option(label="no other")
    expect(difference).to_be_hidden()
    assert two.ask("w.comparison is None")


@pytest.fixture
def notebook_7(lab: Lab, server: Server, two: Kernel) -> Iterator[Page]:
    """Explorer and gallery of two models in Notebook 7, in the shared kernel."""
    path = server.write_notebook(
        "two-in-notebook-7", "e = two_explorer(); e", "w = two_gallery(); w"
    )
    session = {"path": path, "name": path, "type": "notebook", "kernel": {"id": two.identity}}
    server.request("api/sessions", "POST", session)
    page = lab.page.context.new_page()
    page.goto(server.address(f"notebooks/{path}"))
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content?.widgets")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    yield page
    page.close()
    two.run("ipywidgets.Widget.close_all()")


def test_two_models_are_compared_in_notebook_7(notebook_7, two, screenshots):
    explorer = Explorer(notebook_7, notebook_7.locator(".xcnn:has([data-xcnn=depth])").first)
    captions = explorer.root.locator(".xcnn-panes figcaption")
    expect(captions.nth(2)).to_have_text("after \u2212 before")
    explorer.control("model").select_option("after")
    expect(captions.nth(2)).to_have_text("before \u2212 after")
    assert two.ask("[e.model, e.beside]") == ["after", "before"]
    explorer.screenshot(screenshots / "explorer-two-notebook-7.png")
    gallery = Gallery(notebook_7, notebook_7.locator(".xcnn:has(> .xcnn-gallery)").first)
    gallery.expect_complete()
    for show in ("fixed", "broken"):
        gallery.choose("show", show, "mouse")
        gallery.expect_names(*two.ask(f"expected({show!r})"))
    gallery.control("model").select_option("after")
    expect(gallery.error).to_be_empty()
    assert two.ask("w.model") == "after"
    gallery.screenshot(screenshots / "gallery-two-notebook-7.png")
