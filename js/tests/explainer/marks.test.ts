// @vitest-environment jsdom
import { expect, test } from "vitest";
import { borders, marksView } from "../../src/explainer/marks";
import type { Picture } from "../../src/explainer/traits";

const { signal } = new AbortController();
const between = (one: number, other: number) => one !== other;

test("borders run between cells of other classes, in pixels of the picture", () => {
  const cells = Uint8Array.from([0, 0, 1, 0, 2, 2]);
  expect(borders(cells, [2, 3], [4, 12], between)).toBe("M8 0V2M4 2H8M8 2H12M4 2V4");
  expect(borders(new Uint8Array(6), [2, 3], [4, 12], between)).toBe("");
});

function picture(marks: Picture["marks"]): Picture {
  const plain = { data: new Uint8Array(), size: [40, 60], index: 0, name: "a" };
  return marks ? { ...plain, marks } : plain;
}

test("a box is drawn where it is, the explained one with its text, and can be clicked", () => {
  const chosen: number[] = [];
  const view = marksView((index) => chosen.push(index), signal);
  const boxes = [
    { index: 0, edges: [5, 6, 25, 16], text: "<b>cat</b> 93.0%" },
    { index: 3, edges: [1, 2, 3, 4], text: "dog 12.0%" },
  ] as const;
  view.show(picture({ boxes }), 0, null);
  expect(view.element.getAttribute("viewBox")).toBe("0 0 60 40");
  const [first, second] = view.element.querySelectorAll("g");
  const rect = first?.querySelector("rect.xcnn-outline");
  expect(["x", "y", "width", "height"].map((name) => rect?.getAttribute(name))).toEqual([
    "5",
    "6",
    "20",
    "10",
  ]);
  expect(first?.querySelector("text")?.textContent).toBe("<b>cat</b> 93.0%");
  expect(second?.querySelector("text")).toBeNull();
  second?.querySelector("rect")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(chosen).toEqual([3]);
});

test("a picture in which nothing was found shows no outlines, nor does one whose are hidden", () => {
  const view = marksView(() => {}, signal);
  view.show(picture({ regions: Uint8Array.from([0, 1]), shape: [1, 2] }), 1, [3, 4]);
  expect(view.element.querySelector("circle")?.getAttribute("cx")).toBe("4.5");
  expect(view.element.querySelectorAll("path")).toHaveLength(4);
  expect(view.element.hasAttribute("hidden")).toBe(false);
  view.hide();
  expect(view.element.hasAttribute("hidden")).toBe(true);
  view.show(picture(undefined), 1, null);
  expect(view.element.hasAttribute("hidden")).toBe(true);
});
