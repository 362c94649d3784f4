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

/** A volume of 3 slices of 6 x 4, sent two in a row; its map of 3 x 1 x 2 is hottest in the last slice. */
function volume(traits: Partial<Traits> = {}) {
  return open({
    _picture: { ...picture(0, 100, [12, 8]), size: [3, 6, 4], columns: 2 },
    _map: map(0, {
      data: Uint8Array.of(0, 51, 102, 51, 255, 0),
      shape: [3, 1, 2],
      size: [3, 6, 4],
    }),
    opacity: 1,
    slice: 1,
    ...traits,
  });
}

function open(traits: Partial<Traits>) {
  const model = new FakeModel<Traits>({ ...filledTraits(), ...traits });
  const el = document.body.appendChild(document.createElement("div"));
  const close = explainer.render({ model, el });
  const part = <E extends Element = HTMLElement>(hook: string) =>
    el.querySelector(`[data-xcnn="${hook}"]`) as unknown as E;
  const slider = part<HTMLInputElement>("slice");
  const row = slider.closest<HTMLElement>(".xcnn-slices");
  return { model, el, close, part, slider, row, canvas: () => part<HTMLCanvasElement>("canvas") };
}

test("a picture has no slices to choose", async () => {
  const { row, canvas } = open({});
  await platform.frame();
  expect(row?.hidden).toBe(true);
  canvas().dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
  expect(await platform.frame()).toBe(0);
});

test("the slice that is chosen is drawn in the colours of the whole volume", async () => {
  const { model, row, slider, canvas } = volume();
  await platform.frame();
  expect(row?.hidden).toBe(false);
  expect(row?.textContent).toBe("Slice2 of 3");
  expect([slider.value, slider.max, slider.getAttribute("aria-valuetext")]).toEqual([
    "1",
    "2",
    "2 of 3",
  ]);
  expect([canvas().width, canvas().height]).toEqual([4, 6]);
  expect(platform.pixel(canvas(), 0, 0)[0]).toBe(102);
  slider.value = "2";
  slider.dispatchEvent(new Event("input"));
  await platform.frame();
  expect(platform.pixel(canvas(), 0, 0)[0]).toBe(255);
  expect(platform.pixel(canvas(), 3, 0)[0]).toBe(0);
  expect(row?.textContent).toBe("Slice3 of 3");
  expect(model.get("slice")).toBe(2);
  expect(model.saved).toEqual([]);
});

test("Page Up and Page Down on the slice go through the slices and stop at the ends", async () => {
  const { model, canvas } = volume();
  await platform.frame();
  const press = async (key: string) => {
    canvas().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await platform.frame();
    return model.get("slice");
  };
  expect([await press("PageDown"), await press("PageDown"), await press("PageUp")]).toEqual([
    2, 2, 1,
  ]);
  expect(canvas().getAttribute("aria-label")).toMatch(/on volume picture-0.png, slice 2 of 3$/);
});

test("a slice that another volume does not have is its last one", async () => {
  const { row, canvas } = volume({ slice: 40 });
  await platform.frame();
  expect(row?.textContent).toBe("Slice3 of 3");
  expect(platform.pixel(canvas(), 0, 0)[0]).toBe(255);
});

test("values are read in the slice that is shown, and follow it", async () => {
  const { part, canvas, slider } = volume();
  await platform.frame();
  const press = (key: string) => canvas().dispatchEvent(new KeyboardEvent("keydown", { key }));
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowLeft"]) press(key);
  expect(part("readout").textContent).toBe("x 0, y 3: 0.600");
  slider.value = "2";
  slider.dispatchEvent(new Event("input"));
  await platform.frame();
  expect(part("readout").textContent).toBe("x 0, y 3: 3.00");
});

test("a map of another volume is not painted, and it is said", async () => {
  const { el, canvas } = volume({ _map: map(0) });
  await platform.frame();
  expect(el.textContent).toContain("The map is for 6 × 4 pixels, the picture has 3 × 6 × 4.");
  expect(platform.pixel(canvas(), 3, 0)).toEqual([100, 100, 100, 255]);
});

test("a saved slice says in its name which one it is", async () => {
  const { part } = volume();
  await platform.frame();
  part("save").click();
  await platform.frame();
  expect(platform.downloads).toEqual(["picture_0-grad_cam-layer4-Egyptian_cat-slice_2.png"]);
});
