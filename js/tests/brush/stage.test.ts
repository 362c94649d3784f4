// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import brush, { type Traits } from "../../src/brush";
import { pace } from "../../src/brush/fewer_moves";
import { FakeModel } from "../fake_model";
import { NestingManager } from "../nesting_manager";

let canvas: HTMLCanvasElement;
let heard: Event[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  document.body.replaceChildren();
  canvas = document.createElement("canvas");
  heard = [];
  for (const kind of ["mousedown", "mousemove", "mouseup", "keydown", "wheel"]) {
    canvas.addEventListener(kind, (event) => heard.push(event));
  }
});

async function open(manager = new NestingManager({ canvas1: canvas })) {
  const model = new FakeModel<Traits>(
    { _canvas: "IPY_MODEL_canvas1", label: "cat, to paint on", hint: "paint", status: "0% hidden" },
    manager,
  );
  const el = document.body.appendChild(document.createElement("div"));
  el.className = "xcnn-brush";
  const close = brush.render({ model, el });
  await manager.settled();
  return { model, el, close, manager };
}

function mouse(kind: string, clientX: number): void {
  canvas.dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX }));
}

const kinds = () => heard.map((event) => event.type);
const places = () => heard.map((event) => (event as MouseEvent).clientX);

test("the canvas stands in a labelled group with a live status line", async () => {
  const { model, el } = await open();
  const group = el.querySelector('[role="group"]');
  expect(group?.getAttribute("aria-label")).toBe("cat, to paint on");
  expect(group?.contains(canvas)).toBe(true);
  expect(canvas.getAttribute("aria-label")).toBe("cat, to paint on");
  const hint = document.getElementById(canvas.getAttribute("aria-describedby") ?? "");
  expect(hint?.textContent).toBe("paint");
  model.receive({ status: "<b>5% hidden</b>", label: "dog, to paint on" });
  const status = el.querySelector('[role="status"]');
  expect(status?.getAttribute("aria-live")).toBe("polite");
  expect(status?.textContent).toBe("<b>5% hidden</b>");
  expect(canvas.getAttribute("aria-label")).toBe("dog, to paint on");
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

test("a slider is called by its label, also when it is made anew, and a thumbnail says nothing", async () => {
  const { el, manager } = await open();
  const slider = document.createElement("div");
  slider.className = "widget-inline-hbox";
  slider.innerHTML = '<label>Size</label><div class="noUi-handle"></div><img>';
  el.append(slider);
  await manager.settled();
  expect(slider.querySelector(".noUi-handle")?.getAttribute("aria-label")).toBe("Size");
  expect(slider.querySelector("img")?.getAttribute("alt")).toBe("");
});

test("it leaves nothing behind", async () => {
  const { model, el, close, manager } = await open();
  mouse("mousemove", 1);
  mouse("mousemove", 2);
  close();
  vi.runAllTimers();
  expect(el.childElementCount).toBe(0);
  expect(model.listenerCount).toBe(0);
  expect(manager.standing).toBe(0);
  expect(places()).toEqual([1]);
});

test("where a page cannot draw it, that is said", async () => {
  const model = new FakeModel<Traits>({ _canvas: "IPY_MODEL_x", label: "", hint: "", status: "" });
  const el = document.body.appendChild(document.createElement("div"));
  brush.render({ model, el });
  expect(el.textContent).toContain("needs a page with a running kernel");
});
