"""Volumes slice by slice and signals as lines, on pages opened from disk: no kernel answers here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, expect

import xcnn_widgets as xw
from xcnn_widgets.imaging import overlay

from ..models.other_inputs import network_of
from .conftest import WINDOW
from .explorer import Explorer
from .offline import offline
from .test_page import AXE, CUT_OFF, OVERFLOW, VIOLATIONS

NAMES = ["healthy", "nodule", "effusion"]
TITLE = "Without a kernel"


def scan(depth: int, height: int, width: int) -> torch.Tensor:
    """A bright ball in the later slices."""
    z, y, x = torch.meshgrid(
        *(torch.linspace(-1, 1, side) for side in (depth, height, width)), indexing="ij"
    )
    ball = (((z - 0.5) ** 2 + y**2 + (x - 0.3) ** 2) < 0.3).float()
    noise = torch.rand(depth, height, width, generator=torch.Generator().manual_seed(2))
    return (0.7 * ball + 0.3 * noise)[None]


def signals() -> torch.Tensor:
    position = torch.arange(600) / 40
    return torch.stack([torch.sin(position), 30 + 4 * torch.cos(3 * position)])


@pytest.fixture(scope="module")
def volume() -> Iterator[Any]:
    images = {"scan": scan(5, 12, 18), "long scan": scan(9, 20, 16)}
    made = xw.ExplainerWidget(network_of(3), images, NAMES, target=0, method="guided_grad_cam")
    made.wait()
    yield made
    made.close()


@pytest.fixture(scope="module")
def signal() -> Iterator[Any]:
    made = xw.ExplainerWidget(network_of(1, 2), {"beat": signals()}, NAMES, method="saliency")
    yield made
    made.close()


@pytest.fixture(scope="module")
def files(volume: Any, signal: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {"volume": volume, "signal": signal}
    for name, widget in made.items():
        widget.to_html(folder / f"{name}.html", TITLE)
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> Iterator[Callable[..., Explorer]]:
    """From a page's name to the explorer on it."""
    pages: list[Any] = []

    def opened(name: str, width: int = WINDOW["width"], scheme: Any = "light") -> Explorer:
        pages.append(offline(browser, files[name], {"width": width, "height": 900}))
        page = pages[-1].__enter__()
        page.emulate_media(color_scheme=scheme)
        explorer = Explorer(page, page.locator(".xcnn").first)
        expect(explorer.status).not_to_be_empty()
        expect(explorer.canvas.first).to_be_visible()
        return explorer

    yield opened
    for page in pages:
        page.__exit__(None, None, None)


@pytest.fixture
def painted(volume: Any) -> Iterator[Callable[..., NDArray[np.uint8]]]:
    """What Python paints of a slice after some choices."""

    def painted(place: int, **choices: Any) -> NDArray[np.uint8]:
        for name, value in choices.items():
            setattr(volume, name, value)
        picture = volume.exploration.prepared(volume.image_index).picture[place]
        assert volume.heatmap.max() == 1
        return overlay(picture, volume.heatmap[place], 0.5, volume.colormap)

    yield painted
    volume.reset()


def test_the_slider_and_its_arrow_keys_go_through_the_slices(opened, painted, volume):
    explorer = opened("volume")
    slider = explorer.control("slice")
    expect(slider).to_have_value(str(volume.slice))
    explorer.expect_pixels(painted(volume.slice))
    explorer.slide(slider, 0)
    explorer.expect_pixels(painted(0))
    for place in (1, 2, 3, 4):
        slider.press("ArrowRight" if place % 2 else "ArrowUp")
        expect(slider).to_have_attribute("aria-valuetext", f"{place + 1} of 5")
        explorer.expect_pixels(painted(place))
    slider.press("ArrowRight")
    expect(slider).to_have_value("4")
    slider.press("Home")
    explorer.expect_pixels(painted(0))
    assert np.abs(painted(0).astype(int) - painted(4)).max() > 50


def test_on_the_slice_arrow_keys_read_and_page_keys_turn(opened, painted, volume):
    explorer = opened("volume")
    explorer.slide(explorer.control("slice"), 2)
    explorer.canvas.focus()
    explorer.page.keyboard.press("ArrowRight")
    readout = explorer.control("readout")
    for key, place in (("PageDown", 3), ("PageUp", 2)):
        explorer.page.keyboard.press(key)
        explorer.expect_pixels(painted(place))
        expect(explorer.canvas).to_have_attribute("aria-label", f"{described(place)}")
        low, high = volume.explanation.ranges()[0]
        value = low + float(volume.heatmap[place, 6, 10]) * (high - low)
        expect(readout).to_contain_text("x 10, y 6: ")
        shown = float(readout.inner_text().rpartition(": ")[2])
        assert shown == pytest.approx(value, abs=(high - low) / 100)


def described(place: int) -> str:
    how = "Overlay of Guided Grad-CAM of 'healthy' (class 0) at 5"
    return f"{how} on volume scan, slice {place + 1} of 5"


def test_another_method_layer_or_volume_keeps_the_slice(opened, painted):
    explorer = opened("volume")
    explorer.slide(explorer.control("slice"), 4)
    explorer.method.select_option("grad_cam")
    explorer.layer.select_option("3")
    explorer.expect_status("Grad-CAM at 3")
    explorer.expect_pixels(painted(4, method="grad_cam", layer="3"))
    explorer.picture("long scan").click()
    explorer.expect_status("long scan")
    expect(explorer.control("slice")).to_have_attribute("aria-valuetext", "5 of 9")
    explorer.expect_pixels(painted(4, image_index=1))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1180, 480])
@pytest.mark.parametrize("name", ["volume", "signal"])
def test_it_fits_and_everybody_can_use_it(opened, screenshots, name, width, scheme):
    explorer = opened(name, width, scheme)
    explorer.page.add_script_tag(path=AXE)
    for label in ("All three", "Overlay"):
        explorer.display(label)
        expect(explorer.canvas).to_have_count(3 if label == "All three" else 1)
        assert explorer.page.evaluate(VIOLATIONS) == []
        assert explorer.root.evaluate(OVERFLOW) == []
        assert explorer.root.evaluate(CUT_OFF) == []
        name_of_file = f"{name}-{scheme}-{width}-{label.replace(' ', '-')}.png".lower()
        explorer.screenshot(screenshots / name_of_file)


def test_a_signals_band_has_the_colours_of_its_heatmap(opened, signal):
    explorer = opened("signal")
    expect(explorer.root.locator("path.xcnn-line")).to_have_count(2)
    explorer.display("Heatmap")
    black = np.zeros((1, 600, 3), np.uint8)
    explorer.expect_pixels(
        overlay(black, signal.heatmap[None], 1.0, signal.colormap, blend="even"), tolerance=3
    )
    expect(explorer.root.locator("path.xcnn-line").first).to_be_hidden()


def test_a_signals_values_are_read_at_the_pointer_and_with_keys(opened, signal):
    explorer = opened("signal")
    box = explorer.canvas.bounding_box()
    explorer.canvas.hover(position={"x": (450 + 0.5) * box["width"] / 600, "y": 20})
    first, second = signals()[:, 450].tolist()
    readout = explorer.control("readout")
    expect(readout).to_contain_text(f"Position 450, values {first:.3g}")
    assert f"{second:.3g}" in readout.inner_text()
    expect(explorer.root.locator(".xcnn-here:visible")).to_have_count(0)
    explorer.canvas.focus()
    explorer.page.keyboard.press("Shift+ArrowRight")
    expect(readout).to_contain_text("Position 460, ")
    expect(explorer.root.locator(".xcnn-here")).to_have_css("visibility", "visible")


def test_a_signal_is_saved_with_its_lines_and_numbers(opened, screenshots):
    explorer = opened("signal")
    with explorer.page.expect_download() as download:
        explorer.control("save").click()
    assert download.value.suggested_filename.startswith("beat-saliency")
    data = download.value.path().read_bytes()
    saved = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    (screenshots / "signal-saved.png").write_bytes(data)
    assert saved.shape[1] == 2 * 874 + 48
    assert (saved[0] == 255).all()
    plot = saved[24 + 20 : 24 + 500, 24 + 128 : 24 + 1728]
    assert (plot.max(axis=2) < 60).any(axis=0).mean() > 0.95, "a line runs all along the plot"
    assert len(np.unique(plot[40], axis=0)) > 10, "the band has colours"


def test_with_a_kernel_a_slice_costs_no_message_and_comes_with_the_next_choice(show, lab, kernel):
    explorer = show(
        "model = nn.Sequential(nn.Conv3d(1, 4, 3), nn.ReLU(), nn.Conv3d(4, 4, 3), nn.ReLU(), "
        "nn.AdaptiveAvgPool3d(1), nn.Flatten())\n"
        "w = xw.ExplainerWidget(model, torch.rand(1, 7, 12, 18), slice=5); w"
    )
    slider = explorer.control("slice")
    expect(slider).to_have_value("5")
    lab.wire.forget()
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "3 of 7")
    assert lab.wire.sent() == []
    assert kernel.ask("w.slice") == 5
    explorer.method.select_option("saliency")
    explorer.expect_status("Saliency")
    assert kernel.ask("w.slice") == 2
    kernel.run("w.slice = 6")
    expect(slider).to_have_value("6")
    expect(explorer.control("hide-and-see")).to_be_hidden()
