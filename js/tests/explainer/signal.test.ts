// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import explainer from "../../src/explainer";
import type { Traits } from "../../src/explainer/traits";
import { FakeModel } from "../fake_model";
import { Platform } from "../platform";
import { filledTraits, map, picture } from "../traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

/** Two channels of four values, under a map of two. */
function signal(traits: Partial<Traits> = {}) {
  const data = new Uint8Array(Float32Array.of(0, 1, 2, 4, -8, -6, -4, 0.5).buffer);
  const model = new FakeModel<Traits>({
    ...filledTraits(),
    _picture: { ...picture(0), data, size: [4], lines: [0, 7] },
    _map: map(0, { data: Uint8Array.of(0, 255), shape: [2], size: [4] }),
    ...traits,
  });
  const el = document.body.appendChild(document.createElement("div"));
  const close = explainer.render({ model, el });
  const part = <E extends Element = HTMLElement>(hook: string) =>
    el.querySelector(`[data-xcnn="${hook}"]`) as unknown as E;
  return { model, el, close, part, canvas: () => part<HTMLCanvasElement>("canvas") };
}

test("a signal is drawn as lines over a band of its heatmap", async () => {
  const { el, canvas } = signal();
  await platform.frame();
  expect(el.querySelectorAll("path.xcnn-line")).toHaveLength(2);
  expect([canvas().width, canvas().height]).toEqual([4, 1]);
  const band = [0, 1, 2, 3].map((x) => platform.pixel(canvas(), x, 0));
  expect(band.map(([grey]) => grey)).toEqual([0, 64, 192, 255]);
  expect(band.map(([, , , alpha]) => alpha)).toEqual([128, 128, 128, 128]);
  const lanes = [...el.querySelectorAll(".xcnn-lanes > div")].map((lane) => lane.textContent);
  expect(lanes).toEqual(["4.00ch 00", "0.50ch 7-8.00"]);
  expect(el.querySelector(".xcnn-positions")?.textContent).toBe("0123");
  expect(canvas().getAttribute("aria-label")).toBe(
    "Overlay of Grad-CAM of 'Egyptian cat' (class 4) at layer4 on signal picture-0.png",
  );
});

test("alone, the heatmap has no lines and the signal no band", async () => {
  const { model, el, canvas } = signal({ display: "heatmap" });
  await platform.frame();
  expect(el.querySelector("svg")?.hasAttribute("hidden")).toBe(true);
  expect(platform.pixel(canvas(), 3, 0)).toEqual([255, 255, 255, 255]);
  model.set("display", "picture");
  await platform.frame();
  expect(el.querySelector("svg")?.hasAttribute("hidden")).toBe(false);
  expect(platform.pixel(canvas(), 3, 0)).toEqual([0, 0, 0, 0]);
  expect(canvas().getAttribute("aria-label")).toBe("Signal picture-0.png, 2 lines of 4 values");
});

test("the cursor tells position, values and heat", async () => {
  const { part, canvas } = signal();
  await platform.frame();
  const press = (key: string) => canvas().dispatchEvent(new KeyboardEvent("keydown", { key }));
  press("ArrowRight");
  expect(part("readout").textContent).toBe("Position 3, values 4.00 0.500; heat: 3.00");
  press("ArrowUp");
  press("ArrowLeft");
  expect(part("readout").textContent).toBe("Position 2, values 2.00 -4.00; heat: 2.00");
  press("Escape");
  expect(part("readout").textContent).toBe(
    "To read values, point at the signal or press arrow keys on it.",
  );
});

test("the brush is not offered for signals", async () => {
  const { part, close, el } = signal();
  await platform.frame();
  expect(part("hide-and-see").hidden).toBe(true);
  close();
  expect(el.childElementCount).toBe(0);
});

test("a picture after a signal is drawn as a picture again", async () => {
  const { model, el, canvas } = signal();
  await platform.frame();
  model.receive({ _picture: picture(1, 20), _map: map(1) });
  await platform.frame();
  expect(el.querySelector("svg")).toBeNull();
  expect([canvas().width, canvas().height]).toEqual([4, 6]);
});
