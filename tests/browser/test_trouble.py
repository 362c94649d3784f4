"""What goes wrong is told in the widget, and slow work can be watched and stopped."""

from __future__ import annotations

import re

from playwright.sync_api import expect

PICTURES = '{"ant": scene(0), "broken": broken, "cow": scene(2)}'
BROKEN = f"""
jpeg = io.BytesIO()
Image.fromarray(scene(4)).save(jpeg, "JPEG")
broken = Path("broken.jpg")
broken.write_bytes(jpeg.getvalue()[:700])
w = explorer({PICTURES})
w
"""

# Occlusion covers many windows at once; this model waits with each batch of them until it is let.
GATED = """
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = MODEL
        self.gate = threading.Semaphore(0)
    def forward(self, inputs):
        if len(inputs) > 1:
            assert self.gate.acquire(timeout=120)
        return self.inner(inputs)

gated = Gated()
w = explorer(model=gated, layers=["inner.stage6", "inner.stage7"], layer="inner.stage7", patch=16, stride=8)
w
"""


def test_broken_picture_is_told_and_the_next_good_choice_clears_it(show, kernel, painted):
    explorer = show(BROKEN)
    before = explorer.pixels()
    explorer.picture("broken").click()
    expect(explorer.error).to_contain_text("broken.jpg")
    assert (explorer.pixels() == before).all()
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(1)
    assert "broken.jpg" in kernel.ask("w.error")

    explorer.picture("cow").click()
    explorer.expect_status("in cow")
    expect(explorer.error).to_be_empty()
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(0)
    explorer.expect_pixels(painted())
    assert kernel.ask("w.error") == ""


def test_broken_first_picture_is_told_and_the_one_shown_instead_is_not_dimmed(
    show, kernel, painted
):
    first = '{"broken": broken, "bee": scene(1), "cow": scene(2)}'
    explorer = show(BROKEN.replace(PICTURES, first))
    expect(explorer.error).to_contain_text("broken.jpg")
    expect(explorer.error).to_contain_text("bee is shown instead")
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(0)
    explorer.expect_pixels(painted())

    explorer.picture("broken").click()
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(1)
    explorer.picture("cow").click()
    explorer.expect_status("in cow")
    expect(explorer.error).to_be_empty()
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(0)


def test_stride_larger_than_patch_is_told_and_a_smaller_one_clears_it(show, kernel, painted):
    explorer = show("w = explorer(method='occlusion', patch=24, stride=12); w")
    stride = explorer.control("stride")
    explorer.enter(stride, "48")
    expect(explorer.error).to_contain_text("stride 48 is larger than patch 24")
    explorer.enter(stride, "24")
    expect(explorer.error).to_be_empty()
    expect(explorer.root.locator(".xcnn-dimmed")).to_have_count(0)
    explorer.expect_pixels(painted())
    assert kernel.ask("w.stride") == 24


def test_error_from_the_model_is_told_and_the_widget_goes_on(show, kernel):
    explorer = show(
        "class Fussy(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.inner, self.fails = MODEL, False\n"
        "    def forward(self, inputs):\n"
        "        if self.fails:\n"
        "            raise RuntimeError('out of <b>memory</b>')\n"
        "        return self.inner(inputs)\n"
        "fussy = Fussy()\n"
        "w = explorer(model=fussy, layers=['inner.stage6'], layer='inner.stage6')\n"
        "w"
    )
    kernel.run("fussy.fails = True")
    explorer.picture("bee").click()
    expect(explorer.error).to_contain_text("out of <b>memory</b>")
    kernel.run("fussy.fails = False")
    explorer.picture("cow").click()
    explorer.expect_status("in cow")
    expect(explorer.error).to_be_empty()


def test_occlusion_shows_progress_and_its_map_at_the_end(show, kernel, painted):
    explorer = show(GATED)
    expect(explorer.progress).to_be_hidden()
    explorer.method.select_option(label="Occlusion")
    expect(explorer.progress).to_be_visible()
    expect(explorer.cancel).to_be_visible()
    kernel.run("gated.gate.release()")
    expect(explorer.progress).not_to_have_js_property("value", 0)
    part = explorer.progress.evaluate("(bar) => bar.value")
    assert 0 < part < 1
    assert kernel.ask("w.progress") == part
    kernel.run("gated.gate.release(100)")
    explorer.expect_status("Occlusion")
    expect(explorer.progress).to_be_hidden()
    explorer.expect_pixels(painted())


def test_occlusion_is_cancelled_and_what_was_shown_stays(show, kernel):
    explorer = show(GATED)
    before = explorer.pixels()
    explorer.method.select_option(label="Occlusion")
    explorer.cancel.click()
    expect(explorer.progress).to_be_hidden()
    expect(explorer.status).to_have_text(re.compile("Cancelled.*Grad-CAM"))
    expect(explorer.method).to_have_value("grad_cam")
    assert kernel.ask("[w.method, w.progress]") == ["grad_cam", None]
    kernel.run("gated.gate.release(100); w.wait(60)")
    assert kernel.ask("w.method") == "grad_cam"
    assert (explorer.pixels() == before).all()
    explorer.layer.select_option("inner.stage6")
    explorer.expect_status("Grad-CAM", "inner.stage6")


def test_another_choice_while_occlusion_runs_wins(show, kernel, painted):
    explorer = show(GATED)
    explorer.method.select_option(label="Occlusion")
    expect(explorer.progress).to_be_visible()
    explorer.method.select_option(label="Grad-CAM")
    kernel.run("gated.gate.release(100)")
    expect(explorer.progress).to_be_hidden()
    explorer.layer.select_option("inner.stage6")
    explorer.expect_status("Grad-CAM", "inner.stage6")
    kernel.run("w.wait(60)")
    explorer.expect_pixels(painted())
    assert kernel.ask("[w.method, w.layer, w.error]") == ["grad_cam", "inner.stage6", ""]
