// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test } from "vitest";
import { element } from "../../src/controls/element";
import { host } from "../../src/controls/host";
import { keepsKey } from "../../src/controls/own_keys";

const attribute = "data-lm-suppress-shortcuts";
let controller: AbortController;
let cell: HTMLElement;
let root: HTMLElement;
let reached: string[];

beforeEach(() => {
  controller = new AbortController();
  reached = [];
  root = element("div");
  cell = element("div", { tabindex: 0 }, root);
  document.body.replaceChildren(cell);
  const { signal } = controller;
  document.addEventListener("keydown", ({ key }) => reached.push(key), { signal });
  host(root, signal);
});

afterEach(() => controller.abort());

function press(target: HTMLElement, key: string, held: KeyboardEventInit = {}): void {
  target.focus();
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }),
  );
}

test("letters, digits, arrows and Enter stay in the widget, whatever is held with Enter and arrows", () => {
  const keys = ["x", "D", "0", "ArrowUp", "Enter", " ", "Backspace", "Delete", "Home"];
  for (const key of keys) expect(keepsKey(new KeyboardEvent("keydown", { key }))).toBe(true);
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    for (const key of ["Enter", "ArrowUp", "Backspace", "a", "z", "Z", "y", "M"]) {
      expect(keepsKey(new KeyboardEvent("keydown", { key, ...held }))).toBe(true);
    }
  }
});

test("Escape, Tab, function keys, saving, copying and searching go through", () => {
  for (const key of ["Escape", "Tab", "F5", "F11"]) {
    expect(keepsKey(new KeyboardEvent("keydown", { key }))).toBe(false);
  }
  for (const key of ["s", "S", "c", "f", "p", "C", "1"]) {
    expect(keepsKey(new KeyboardEvent("keydown", { key, ctrlKey: true }))).toBe(false);
    expect(keepsKey(new KeyboardEvent("keydown", { key, metaKey: true }))).toBe(false);
  }
});

test("a control that comes later keeps its keys too", () => {
  const later = element("button");
  root.append(element("div", {}, later));
  press(later, "x");
  press(later, "s", { ctrlKey: true });
  press(cell, "x");
  expect(reached).toEqual(["s", "x"]);
});

test("who looks at keys before the widget does sees which ones it keeps", () => {
  const button = element("button");
  root.append(button);
  const seen: boolean[] = [];
  const look = () => seen.push(button.hasAttribute(attribute));
  document.addEventListener("keydown", look, { capture: true, signal: controller.signal });
  press(button, "x");
  press(button, "s", { ctrlKey: true });
  press(button, "d");
  expect(seen).toEqual([true, false, true]);
});

test("Escape gives the focus back to the cell, unless a control or an open list wants it", () => {
  const button = element("button");
  const box = element("input");
  const select = element("select");
  root.append(button, box, select);
  box.addEventListener("keydown", (event) => event.preventDefault());
  press(box, "Escape");
  expect(document.activeElement).toBe(box);
  press(select, "Escape");
  expect(document.activeElement).toBe(select);
  press(button, "Escape");
  expect(document.activeElement).toBe(cell);
});

test("a click that left the focus on the cell brings it into the widget, and one on a control leaves it there", () => {
  const button = element("button");
  const words = element("p");
  root.append(button, words);
  cell.focus();
  words.click();
  expect(document.activeElement).toBe(root);
  button.focus();
  button.click();
  expect(document.activeElement).toBe(button);
});

test("the wheel over a number leaves the number alone and can be typed in again after it", async () => {
  const number = element("input", { type: "number" });
  root.append(number);
  number.dispatchEvent(new WheelEvent("wheel", { bubbles: true }));
  expect(number.readOnly).toBe(true);
  await new Promise((after) => setTimeout(after));
  expect(number.readOnly).toBe(false);
});
