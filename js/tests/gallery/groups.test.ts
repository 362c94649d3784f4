// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import type { Group } from "../../src/gallery/ranges";
import { Platform } from "../platform";
import { hidden, open } from "./opened";

const group = (name: string, changes: Partial<Group> = {}): Group => ({
  name,
  size: 312,
  wrong: 12,
  map: { data: new Uint8Array([0, 255, 0, 255, 0, 255]), shape: [3, 2], range: [0, 1] },
  ...changes,
});
const told = {
  method: "grad_cam",
  groups: [group("group 1"), group("group 2", { size: 1, wrong: null })],
};
let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

test("without groups there is no row of them", () => {
  expect(hidden(open().part("groups"))).toBe(true);
  expect(hidden(open({ _groups: {} }).part("groups"))).toBe(true);
});

test("a group shows its mean map in the gallery's colours, its size and how many are wrong", () => {
  const { parts, part } = open({ _groups: told });
  const [first, second] = parts("group");
  expect(first?.getAttribute("aria-label")).toBe("group 1: 312 pictures, 12 wrong");
  expect(first?.textContent).toBe("group 1312 pictures12 wrong (3.8%)");
  expect(second?.getAttribute("aria-label")).toBe("group 2: 1 picture");
  expect(part("groups").textContent).toContain("Groups by Grad-CAM");
  const canvas = first?.querySelector("canvas") as HTMLCanvasElement;
  expect(canvas.height / canvas.width).toBe(1.5);
  const [left, right] = [0, canvas.width - 1].map((x) => platform.pixel(canvas, x, 0));
  expect(left?.[0]).toBe(0);
  expect(right?.[0]).toBe(255);
});

test("a group filters, and pressed again no more", () => {
  const { model, parts, part } = open({ _groups: told });
  const [first, second] = parts("group");
  second?.click();
  expect([first, second].map((one) => one?.getAttribute("aria-pressed"))).toEqual([
    "false",
    "true",
  ]);
  expect(part("show-group-clear").parentElement?.textContent).toContain("group 2");
  second?.click();
  first?.click();
  part("show-group-clear").click();
  expect(model.saved).toEqual([
    { show_group: 1 },
    { show_group: null },
    { show_group: 0 },
    { show_group: null },
  ]);
});

test("another colormap paints the maps anew", () => {
  const { model, parts } = open({ _groups: told });
  const canvas = parts("group")[0]?.querySelector("canvas") as HTMLCanvasElement;
  const table = new Uint8Array(768).fill(9);
  model.receive({ _colormaps: { ...model.get("_colormaps"), nine: table }, colormap: "nine" });
  expect(platform.pixel(canvas, 0, 0)).toEqual([9, 9, 9, 255]);
});
