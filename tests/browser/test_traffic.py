"""How much goes over the wire, and that it does not pile up."""

from __future__ import annotations

from playwright.sync_api import expect

DRAG = """(slider) => {
    for (let move = 1; move <= 300; move++) {
        slider.value = String(move % 8);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""


def test_300_slider_moves_at_once_end_on_the_last_with_no_backlog(show, lab, kernel, painted):
    explorer = show()
    lab.wire.forget()
    explorer.depth.evaluate(DRAG)
    last = f"stage{300 % 8}"
    explorer.expect_status(last)
    explorer.expect_pixels(painted())
    assert kernel.ask("w.layer") == last
    expect(explorer.depth).to_have_value(str(300 % 8))
    expect(explorer.layer).to_have_value(last)
    # The first goes out at once, all others are merged into the next.
    assert len(lab.wire.sent()) <= 3
    assert lab.wire.most_unanswered() <= 1
    assert lab.wire.sent()[-1].state["layer"] == last


def test_300_mouse_moves_on_the_slider_end_on_the_last_with_no_backlog(show, lab, kernel, painted):
    explorer = show()
    box = explorer.depth.bounding_box()
    y = box["y"] + box["height"] / 2
    mouse = lab.page.mouse
    mouse.move(box["x"] + box["width"] - 7, y)
    mouse.down()
    lab.wire.forget()
    for to in (8, box["width"] - 8, 8):
        mouse.move(box["x"] + to, y, steps=100)
    mouse.up()
    explorer.expect_status("stage0")
    explorer.expect_pixels(painted())
    assert kernel.ask("w.layer") == "stage0"
    expect(explorer.depth).to_have_value("0")
    assert 1 <= len(lab.wire.sent()) <= 300
    assert lab.wire.most_unanswered() <= 1
    assert lab.wire.sent()[-1].state["layer"] == "stage0"


def test_grad_cam_update_is_under_a_kilobyte(show, lab):
    explorer = show()
    lab.wire.forget()
    explorer.search.fill("zebra crossing")
    explorer.page.keyboard.press("Enter")
    explorer.expect_status("zebra crossing")
    answer = lab.wire.received()
    assert sum("_map" in message.state for message in answer) == 1
    assert sum(message.payload_bytes for message in answer) < 1000
