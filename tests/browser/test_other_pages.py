"""Widgets on pages that run from right to left, and where the system forces its own few colours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from .conftest import WINDOW
from .offline import offline
from .small_network import PREPARE

# What a person must see of each to use it or to read it.
SEEN = {
    "explorer": {
        "input[type=range]": 5,
        "input[role=switch]": 1,
        "input[type=radio]": 6,
        "select": 3,
        ".xcnn-bar": 5,
        ".xcnn-colours": 1,
    },
    "gallery": {"select": 1, "input[type=checkbox]": 2, ".xcnn-strip-line": 6, "button": 1},
    "brush": {".xcnn-bar": 5, ".xcnn-was": 5},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of each widget."""
    names: dict[str, Any] = {}
    exec(PREPARE, names)
    xw, folder = names["xw"], tmp_path_factory.mktemp("pages")
    others = (names["MODEL"], names["PICTURES"], names["NAMES"])
    made = {
        "explorer": names["explorer"](),
        "gallery": xw.GalleryWidget(*others, transform=names["ToTensor"]()),
        "brush": xw.OcclusionBrush(*others, transform=names["ToTensor"]()),
    }
    made["gallery"].wait()
    for name, widget in made.items():
        widget.to_html(folder / f"{name}.html")
        widget.close()
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture(params=SEEN)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def widget(browser: Browser, files: dict[str, Path], kind: str) -> Iterator[Locator]:
    with offline(browser, files[kind], WINDOW) as page:
        found = page.locator(".xcnn").first
        expect(found.locator("canvas:visible, img:visible").first).to_be_visible()
        for summary in found.locator("summary").all():
            if summary.is_visible() and not summary.evaluate("(it) => it.parentElement.open"):
                summary.click()
        yield found


def colours(place: Locator) -> NDArray[np.uint8]:
    """What is painted there."""
    return np.asarray(Image.open(io.BytesIO(place.screenshot())).convert("RGB"))


def left(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["x"]


def test_numbers_stay_with_their_colours_where_pages_run_from_right_to_left(
    widget: Locator, kind: str
) -> None:
    widget.page.evaluate("document.documentElement.dir = 'rtl'")
    assert widget.locator(":scope *").evaluate_all(
        "(all) => [...new Set(all.map((one) => getComputedStyle(one).direction))]"
    ) == ["ltr"]
    scales = {
        "explorer": ".xcnn-values:visible",
        "gallery": ".xcnn-scale:visible",
        "brush": ".xcnn-moves [data-xcnn=class-option]",
    }
    places = widget.locator(scales[kind])
    assert places.count() > 0
    for place in places.all():
        if kind == "brush":
            # A bar grows from where its name stands.
            bar, name = place.locator(".xcnn-bar"), place.locator(".xcnn-class-name")
            assert left(bar) <= left(name)
            continue
        numbers = place.locator("span, output").filter(has_text=".").all()
        values = [float(number.text_content() or "") for number in numbers]
        assert len(values) >= 2
        assert sorted(values) == values
        assert sorted(map(left, numbers)) == list(map(left, numbers))


def test_forced_colours_leave_every_control_and_bar_to_be_seen(
    widget: Locator, kind: str, screenshots: Path
) -> None:
    for scheme in ("dark", "light"):
        widget.page.emulate_media(forced_colors="active", color_scheme=scheme)
        widget.page.screenshot(path=screenshots / f"forced-{kind}-{scheme}.png", full_page=True)
        for selector, least in SEEN[kind].items():
            shown = widget.locator(f"{selector}:visible").all()[:6]
            assert len(shown) >= least, selector
            for place in shown:
                # Edges, marks or a thumb: not one colour alone.
                painted = colours(place).reshape(-1, 3).astype(int)
                assert np.ptp(painted, axis=0).max() > 60, f"{selector} in {scheme}"
