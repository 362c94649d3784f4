// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import brush from "../../src/brush";
import { pace } from "../../src/brush/fewer_moves";
import type { Traits } from "../../src/brush/traits";
import { FakeModel } from "../fake_model";
import { NestingManager } from "../nesting_manager";
import { Platform } from "../platform";
import { brushTraits } from "./traits";

let canvas: HTMLCanvasElement;
let heard: Event[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  new Platform().install();
  document.body.replaceChildren();
  canvas = document.createElement("canvas");
  heard = [];
  for (const kind of ["mousedown", "mousemove", "mouseup", "keydown", "wheel"]) {
    canvas.addEventListener(kind, (event) => heard.push(event));
  }
});

async function open(manager = new NestingManager({ canvas1: canvas })) {
  const model = new FakeModel<Traits>(brushTraits(), manager);
  const el = document.body.appendChild(document.createElement("div"));
  const close = brush.render({ model, el });
  await manager.settled();
  return { model, el, close, manager };
}

function mouse(kind: string, clientX: number): void {
  canvas.dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX }));
}

const kinds = () => heard.map((event) => event.type);
const places = () => heard.map((event) => (event as MouseEvent).clientX);

test("the canvas stands in a labelled group over the picture, with a live status line", async () => {
  const { model, el } = await open();
  const group = canvas.closest('[role="group"]');
  expect(group?.getAttribute("aria-label")).toBe("cat, to paint on");
  expect(canvas.getAttribute("aria-label")).toBe("cat, to paint on");
  const hint = document.getElementById(canvas.getAttribute("aria-describedby") ?? "");
  expect(hint?.textContent).toContain("arrow keys and Space");
  const under = [...(canvas.parentElement?.querySelectorAll("img") ?? [])];
  expect(under.map((image) => image.getAttribute("aria-hidden"))).toEqual(["true", "true"]);
  model.receive({
    status: "<b>5% hidden</b>",
    _picture: { data: new DataView(new ArrayBuffer(3)), size: [20, 40], index: 1, name: "dog" },
  });
  const status = el.querySelector('[data-xcnn="status"]');
  expect(status?.getAttribute("aria-live")).toBe("polite");
  expect(status?.textContent).toBe("<b>5% hidden</b>");
  expect(canvas.getAttribute("aria-label")).toBe("dog, to paint on");
  expect(canvas.parentElement?.style.aspectRatio).toBe("40 / 20");
});

test("a second of a fast mouse makes no more than 60 moves, the last one among them", async () => {
  await open();
  mouse("mousedown", 0);
  for (let move = 1; move <= 1000; move++) {
    mouse("mousemove", move);
    vi.advanceTimersByTime(1);
  }
  mouse("mouseup", 1000);
  const moves = kinds().filter((kind) => kind === "mousemove");
  expect(moves.length).toBeGreaterThan(40);
  expect(moves.length).toBeLessThanOrEqual(60);
  expect(kinds().at(-1)).toBe("mouseup");
  expect(places().at(-2)).toBe(1000);
});

test("two thousand moves at once are one move before the stroke ends", async () => {
  await open();
  mouse("mousedown", 0);
  for (let move = 1; move <= 2000; move++) mouse("mousemove", move);
  mouse("mouseup", 2001);
  expect(kinds()).toEqual(["mousedown", "mousemove", "mousemove", "mouseup"]);
  expect(places()).toEqual([0, 1, 2000, 2001]);
});

test("a slow mouse is followed move by move, and the last one comes without another event", async () => {
  await open();
  mouse("mousemove", 1);
  vi.advanceTimersByTime(pace);
  mouse("mousemove", 2);
  expect(places()).toEqual([1, 2]);
  mouse("mousemove", 3);
  expect(places()).toEqual([1, 2]);
  vi.advanceTimersByTime(pace);
  expect(places()).toEqual([1, 2, 3]);
});

test("the canvas hears the keys that paint; Tab, shortcuts and the wheel are the page's", async () => {
  await open();
  for (const [key, more] of [
    ["ArrowLeft", {}],
    ["Tab", {}],
    [" ", {}],
    ["r", { ctrlKey: true }],
    ["z", { ctrlKey: true }],
    ["F5", {}],
  ] as const) {
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
  }
  canvas.dispatchEvent(new WheelEvent("wheel", { bubbles: true }));
  expect(heard.map((event) => (event as KeyboardEvent).key)).toEqual(["ArrowLeft", " ", "z"]);
});

test("it leaves nothing behind", async () => {
  const { model, el, close, manager } = await open();
  mouse("mousemove", 1);
  mouse("mousemove", 2);
  close();
  vi.runAllTimers();
  expect([el.childElementCount, el.className]).toEqual([0, ""]);
  expect(model.listenerCount).toBe(0);
  expect(manager.standing).toBe(0);
  expect(places()).toEqual([1]);
});
