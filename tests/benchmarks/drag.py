"""The opacity slider, dragged by the mouse: what every frame costs the page."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from playwright.sync_api import expect

from ..browser.explorer import read_png
from ..browser.lab import Lab
from ..browser.server import Kernel

# A frame's work is from the first move of the mouse that it handles, which the browser hands over right before the
# frame, until a pixel of the canvas was read back in a task that runs when the frame has been drawn.
_RECORD = """(canvas) => {
    const frames = [];
    let moved = null;
    let going = true;
    const move = () => { moved ??= performance.now(); };
    addEventListener("pointermove", move, { capture: true });
    const context = canvas.getContext("2d");
    const pixel = () => context.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data.join();
    let before = pixel();
    const watch = () => requestAnimationFrame(() => {
        const begun = moved ?? performance.now();
        moved = null;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            const now = pixel();
            frames.push({ work: performance.now() - begun, changed: now !== before });
            before = now;
            if (going) watch();
        };
        port2.postMessage(null);
    });
    watch();
    window.xcnnDrag = () => {
        going = false;
        removeEventListener("pointermove", move, { capture: true });
        return frames;
    };
}"""
_STOP = "() => { const frames = window.xcnnDrag(); delete window.xcnnDrag; return frames; }"


@dataclass(frozen=True)
class Drag:
    """What a drag cost: the milliseconds of work of every frame that drew something else; the moves of the mouse; the
    messages of widgets to the kernel."""

    work: list[float]
    moves: int
    messages: int


def drag(lab: Lab, kernel: Kernel, network: str, side: int, moves: int) -> Drag:
    """Drag the opacity from one end to the other, in a picture of a given side."""
    path = lab.server.write_notebook(
        "drag", f"w = shown_widgets.large_picture({network!r}, {side}); w"
    )
    lab.open(path, kernel.identity)
    lab.run_all()
    explorer = lab.explorer()
    expect(explorer.status).not_to_be_empty()
    lab.page.mouse.move(0, 0)
    explorer.opacity.scroll_into_view_if_needed()
    box = explorer.opacity.bounding_box()
    assert box is not None, "the opacity slider is not on the page"
    y = box["y"] + box["height"] / 2
    # The middle of the thumb, whatever its width, is where its value is.
    lab.page.mouse.move(box["x"] + box["width"] / 2, y)
    lab.page.mouse.down()
    lab.wire.forget()
    explorer.canvas.first.evaluate(_RECORD)
    left, right = box["x"] + 2, box["x"] + box["width"] - 2
    for to in (left, right):
        lab.page.mouse.move(to, y, steps=max(1, moves // 2))
    lab.page.mouse.up()
    frames = lab.page.evaluate(_STOP)
    sent = len(lab.wire.sent())
    opacity = float(explorer.opacity.input_value())
    drawn = kernel.ask(f"painted(w, opacity={opacity}, colormap=w.colormap)")
    # Uncovered, one step of a map's 256 is up to four grey levels of a colour.
    explorer.expect_pixels(read_png(base64.b64decode(drawn)), tolerance=4)
    lab.close_notebook()
    work = [frame["work"] for frame in frames if frame["changed"]]
    return Drag(work, 2 * max(1, moves // 2), sent)
