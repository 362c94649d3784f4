// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { confusedClasses, mostClasses } from "../../src/gallery/confusion";
import { summaryText } from "../../src/gallery/overview";
import { Platform } from "../platform";
import { enter, hidden, open, painted, press } from "./opened";

let platform: Platform;
const summary = {
  pictures: 20,
  right: 5,
  wrong: 2,
  unlabelled: 0,
  unread: 1,
  confusion: [
    [4, 4, 5],
    [4, 5, 2],
  ] as const,
};

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

test("accuracy is counted when it is asked for, and told in one line", () => {
  const { model, part } = open();
  expect(part("summarise").textContent).toBe("Accuracy on all 20 pictures");
  part("summarise").click();
  expect(model.saved).toEqual([{ _summary_wanted: 1 }]);
  model.receive({ _summary: summary });
  expect(hidden(part("summarise"))).toBe(true);
  expect(part("summary").textContent).toBe("Accuracy 71.4% (5 of 7) · 2 wrong · 1 not read");
  expect(summaryText({ ...summary, right: 0, wrong: 0 })).toContain("No label is known");
});

test("a cell of the confusion matrix filters by label and prediction, and pressed again no more", () => {
  const { model, parts } = open({ _summary: summary });
  const [, wrong] = parts("confused");
  expect(wrong?.textContent).toBe("2");
  expect(wrong?.getAttribute("aria-label")).toContain("wrong");
  wrong?.click();
  expect(wrong?.getAttribute("aria-pressed")).toBe("true");
  wrong?.click();
  expect(model.saved).toEqual([
    { show_label: 4, show_class: 5 },
    { show_label: null, show_class: null },
  ]);
});

test("of many classes those are shown that are confused most often", () => {
  const pairs = Array.from({ length: 20 }, (_, i) => [i, i + 1, i + 1] as const);
  const { classes, of } = confusedClasses(pairs);
  expect([classes.length, of]).toEqual([mostClasses, 21]);
  expect(classes).toContain(19);
  expect(classes).not.toContain(0);
});

test("names are filtered while they are typed", () => {
  vi.useFakeTimers();
  const { model, part } = open();
  enter(part("show-text"), "ca", "input");
  enter(part("show-text"), "cat ", "input");
  expect(model.saved).toEqual([]);
  vi.runAllTimers();
  vi.useRealTimers();
  expect(model.saved).toEqual([{ show_text: "cat" }]);
  expect(part<HTMLInputElement>("show-text").value).toBe("cat ");
});

test("the grid has one tile a picture, which keys lead through and select", async () => {
  const { model, part, parts } = open({ arrangement: "grid" });
  await painted(platform);
  const options = parts("tile-option");
  expect(options).toHaveLength(3);
  expect(options[0]?.getAttribute("aria-label")).toContain("true label tabby");
  expect(options[0]?.querySelector("[data-xcnn=mark]")?.textContent).toBe("✗");
  expect(hidden(part("grid"))).toBe(true);
  options[0]?.focus();
  press("ArrowRight");
  expect(document.activeElement).toBe(options[1]);
  press(" ");
  expect(model.saved).toEqual([{ selected: 4 }]);
});

test("controls are folded, and it is remembered which", () => {
  const { model, part } = open({ controls_open: false });
  const fold = part<HTMLDetailsElement>("controls");
  expect(fold.open).toBe(false);
  fold.open = true;
  fold.dispatchEvent(new Event("toggle"));
  expect(model.get("controls_open")).toBe(true);
  expect(fold.querySelector("summary")?.textContent).toContain("Grad-CAM");
});
