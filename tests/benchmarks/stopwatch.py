"""From a key to pixels, timed inside the page: all stamps are of the page's one clock, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

# What goes through the websockets to the kernels is stamped as the page hands it over and gets it. A canvas is read
# back after every animation frame, in a task that runs when the frame has been drawn.
_INSTALL = """() => {
    if (window.xcnnStopwatch) return;
    let frames = null; // while a trial runs, what went through
    const heard = new WeakSet();
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        if (this.url.includes("/channels")) {
            if (!heard.has(this)) {
                heard.add(this);
                const hear = (event) => frames?.push({ at: event.timeStamp, data: event.data });
                this.addEventListener("message", hear, { capture: true });
            }
            frames?.push({ at: performance.now(), sent: true, data });
        }
        return send.call(this, data);
    };
    const words = new TextDecoder();
    const parsed = ({ at, sent, data }) => {
        const view = new DataView(data);
        const start = (part) => Number(view.getBigUint64(8 * (part + 1), true));
        const json = (part) =>
            JSON.parse(words.decode(new Uint8Array(data, start(part), start(part + 1) - start(part))));
        const { msg_type, msg_id } = json(1);
        const parent = json(2).msg_id;
        const content = msg_type.startsWith("comm_") || msg_type === "status" ? json(4) : {};
        return { at, sent, type: msg_type, id: msg_id, parent, content };
    };
    const pixelsOf = (canvas) =>
        canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const differ = (a, b) => a.length !== b.length || a.some((byte, i) => byte !== b[i]);
    const nextFrame = () => new Promise((drawn) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = drawn;
        port2.postMessage(null);
    }));
    const exchange = (hand) => {
        const messages = frames.map(parsed);
        const sent = messages.find((m) => m.sent && m.type === "comm_msg" && m.at >= hand);
        const answers = messages.filter((m) => sent && !m.sent && m.parent === sent.id);
        return { sent, answers, isIdle: (m) => m.type === "status" && m.content.execution_state === "idle" };
    };
    const hand = () => new Promise((pressed) => {
        const options = { once: true, capture: true };
        document.addEventListener("keydown", (event) => pressed(event.timeStamp), options);
    });
    window.xcnnStopwatch = {
        stop() {
            frames = null;
        },
        remove() {
            WebSocket.prototype.send = send;
            window.xcnnStopwatch = undefined;
        },
        // Until the canvas shows something else; 10 frames after an answer that changes nothing, without pixels.
        async toPixels(canvas) {
            frames = [];
            const before = pixelsOf(canvas);
            const start = await hand();
            for (let patience = 10; ; ) {
                await nextFrame();
                const pixels = performance.now();
                const { sent, answers } = exchange(start);
                const answer = answers.find((m) => m.content.data?.state?._map);
                if (answer && differ(pixelsOf(canvas), before)) {
                    return { hand: start, sent: sent.at, answered: answer.at, pixels };
                }
                if (answer && --patience === 0) return { hand: start, sent: sent.at, answered: answer.at };
            }
        },
        // Until the kernel's first word in return.
        async toAnswer() {
            frames = [];
            const start = await hand();
            for (;;) {
                await nextFrame();
                const { sent, answers, isIdle } = exchange(start);
                const answer = answers.find((m) => m.type === "comm_msg" || isIdle(m));
                if (answer) return { hand: start, sent: sent.at, answered: answer.at };
            }
        },
    };
}"""
_ARM_PIXELS = "(canvas) => { window.xcnnTrial = window.xcnnStopwatch.toPixels(canvas); }"
_ARM_ANSWER = "() => { window.xcnnTrial = window.xcnnStopwatch.toAnswer(); }"
_RESULT = "() => window.xcnnTrial.finally(window.xcnnStopwatch.stop)"
_REMOVE = "() => window.xcnnStopwatch.remove()"
# A message that waits for the one before would be timed with it.
_QUIET = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === "idle" """


@dataclass(frozen=True)
class Stamps:
    """When what happened on the way of one choice, in milliseconds of the page's clock.

    Attributes
    ----------
    hand
        The key was pressed.
    sent, answered
        The page handed its message to the websocket; it got the answer from there.
    pixels
        The frame was drawn in which the canvas shows something else; None if what was to be drawn looks the same.
    """

    hand: float
    sent: float
    answered: float
    pixels: float | None = None


class Stopwatch:
    """Times what a page of JupyterLab does between a key and what follows from it; to be closed."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(_INSTALL)

    def close(self) -> None:
        """Leave the page as it was."""
        self._page.evaluate(_REMOVE)

    def to_pixels(self, press: Callable[[], None], canvas: Locator) -> Stamps:
        """Press a key and wait until the canvas shows something else."""
        handle = canvas.element_handle()
        return self._time(press, lambda: self._page.evaluate(_ARM_PIXELS, handle))

    def to_answer(self, press: Callable[[], None]) -> Stamps:
        """Press a key and wait until the kernel has said something to it."""
        return self._time(press, lambda: self._page.evaluate(_ARM_ANSWER))

    def _time(self, press: Callable[[], None], arm: Callable[[], Any]) -> Stamps:
        self._page.wait_for_function(_QUIET)
        arm()
        press()
        return Stamps(**self._page.evaluate(_RESULT))
