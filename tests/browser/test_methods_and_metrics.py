"""Methods by family, metrics beside maps, and an estimate that is stopped: as a person sees and presses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from . import gallery_pictures, small_network
from .explorer import Explorer
from .gallery import Gallery

NARROW = {"width": 480, "height": 900}
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of an explorer, and one of a gallery of 12 pictures whose maps were measured."""
    known: dict[str, Any] = {}
    exec(small_network.PREPARE + gallery_pictures.PREPARE, known)
    folder = tmp_path_factory.mktemp("page")
    found = {kind: folder / f"{kind}.html" for kind in ("explorer", "gallery")}
    methods = ["grad_cam", "eigen_cam", "saliency"]
    widget = known["explorer"](methods=[*methods, "occlusion"], method="saliency")
    widget.precompute(methods=methods, images=[0])
    widget.to_html(found["explorer"])
    widget.close()
    pictures = dict(list(known["MANY"].items())[:12])
    gallery = known["gallery"](
        pictures, methods=["grad_cam", "saliency"], metrics=["deletion", "insertion"], page_size=4
    )
    assert gallery.trust().values.shape == (2, 2, 12)
    gallery.precompute(methods=["grad_cam", "saliency"], layers=[gallery.layer], trust=True)
    gallery.to_html(found["gallery"])
    gallery.close()
    return found


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    pages: list[Page] = []

    def open_page(kind: str, **context: Any) -> Page:
        page = browser.new_page(**{"viewport": {"width": 1400, "height": 900}, **context})
        pages.append(page)
        page.goto(files[kind].as_uri())
        page.wait_for_selector(".xcnn canvas:visible")
        return page

    yield open_page
    for page in pages:
        page.close()


def expect_accessible(page: Page) -> None:
    found = Axe().run(page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_methods_stand_by_family_and_the_chosen_one_says_what_it_shows(opened: Open) -> None:
    page = opened("explorer")
    explorer = Explorer(page, page.locator(".xcnn"))
    groups = explorer.method.locator("optgroup")
    labels = groups.evaluate_all("(all) => all.map(({ label }) => label)")
    assert labels == ["Class activation maps", "Gradients"]
    expect(explorer.control("method-sentence")).to_contain_text("Which pixels would change")
    explorer.method.select_option("eigen_cam")
    explorer.expect_status("Eigen-CAM")
    expect(explorer.control("method-sentence")).to_contain_text("strongest pattern")
    expect(explorer.control("method-facts")).to_contain_text("Quick: one pass")
    expect(explorer.control("method-facts")).to_contain_text("arXiv:2008.00299")


def test_a_column_s_head_sorts_without_a_kernel_the_worst_first(opened: Open) -> None:
    page = opened("gallery")
    gallery = Gallery(page, page.locator(".xcnn"))
    gallery.expect_complete()
    numbers = gallery.control("number-insertion")
    head = gallery.control("sort-insertion")
    head.focus()
    page.keyboard.press("Enter")
    found: list[float] = []
    for number in (1, 2, 3):
        expect(gallery.count).to_contain_text(f"{4 * number - 3}\u2013{4 * number} of 12")
        gallery.expect_complete()
        # The first of each cell is the first method's.
        found += [float(text) for text in numbers.all_inner_texts()[::2]]
        if number < 3:
            gallery.root.get_by_role("button", name="Next").click()
    assert len(found) == 12
    assert found == sorted(found)
    expect(head.locator("xpath=..")).to_have_attribute("aria-sort", "ascending")
    expect(gallery.control("trust")).to_contain_text("Mean and 95% interval over 12 pictures")
    gallery.control("metric-deletion").uncheck()
    expect(gallery.control("sort-deletion")).to_have_count(0)


@SCHEMES
@pytest.mark.parametrize("kind", ["explorer", "gallery"])
def test_it_is_accessible_where_there_is_little_room(
    opened: Open, kind: str, scheme: str, screenshots: Path
) -> None:
    page = opened(kind, viewport=NARROW, color_scheme=scheme)
    expect_accessible(page)
    page.screenshot(path=screenshots / f"methods-{kind}-{scheme}.png", full_page=True)


def test_an_estimate_gets_better_and_stop_keeps_it(show: Any, kernel: Any) -> None:
    explorer = show(
        """
HELD = threading.Semaphore(0)
class Held(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
    def forward(self, x):
        if len(x) > 1 and threading.current_thread() is not threading.main_thread():
            HELD.acquire()
        return self.inner(x)
w = explorer(model=Held(), layers=["inner.stage7"], layer="inner.stage7", methods=["grad_cam", "rise"]); w
"""
    )
    before = explorer.pixels()
    explorer.method.select_option("rise")
    expect(explorer.cancel).to_have_text("Cancel")
    kernel.run("HELD.release(2)")
    expect(explorer.cancel).to_have_text("Stop")
    expect(explorer.control("note")).to_contain_text("An estimate so far")
    explorer.expect_other_pixels(before)
    explorer.cancel.click()
    explorer.expect_status("Stopping")
    kernel.run("HELD.release(1000)")
    expect(explorer.control("note")).to_contain_text("Stopped after ")
    expect(explorer.control("note")).to_contain_text(" of 1000 masks.")
    expect(explorer.progress).to_be_hidden()
    expect(explorer.method).to_have_value("rise")
    found = Axe().run(explorer.page, ".xcnn")["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
