// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { matchedClass } from "../../src/atlas/matching";
import { classAccuracy } from "../../src/gallery/confusion";
import { pageNotes } from "../../src/gallery/page_notes";

import type { Beside, Summary, Traits } from "../../src/gallery/traits";
import { Platform } from "../platform";
import { hidden, open, painted } from "./opened";
import { row, rowMap } from "./traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

const before = { pictures: 3, right: 2, wrong: 1, unlabelled: 0, unread: 0 };
const summary: Summary = {
  ...before,
  model: "before",
  confusion: [[4, 4, 2] as const, [4, 5, 1] as const],
  beside: [
    {
      ...before,
      right: 3,
      wrong: 0,
      model: "after",
      confusion: [[0, 0, 3] as const],
    },
  ],
  changes: { changed: 1, fixed: 1, broken: 0 },
};

function beside(changes: Partial<Beside> = {}): Beside {
  const prediction = { index: 0, name: "cat", probability: 0.6 };
  return { model: "after", prediction, right: true, label: 0, error: "", ...changes };
}

function two(changes: Partial<Traits> = {}) {
  const more = { model: "before", beside: [beside()], changed: true };
  return open({
    _models: ["before", "after"],
    _names_of: { after: ["cat", "dog"] },
    model: "before",
    _summary: summary,
    _row_0: row(3, more),
    _row_1: row(4, more),
    _row_2: row(5, more),
    ...changes,
  });
}

test("a model is chosen, and the matrix, its classes and its accuracies are that model's", () => {
  const { model, part, parts } = two();
  const select = part<HTMLSelectElement>("model");
  expect([...select.options].map(({ value }) => value)).toEqual(["before", "after"]);
  expect(parts("class-accuracy").map(({ textContent }) => textContent)).toEqual(["66.7%", ""]);
  expect(part("summary-wrong").textContent).toBe("Show wrong of before");
  select.value = "after";
  select.dispatchEvent(new Event("change"));
  expect(model.saved).toEqual([{ model: "after" }]);
  model.receive({ model: "after" });
  const [cell, ...others] = parts("confused");
  expect(others).toEqual([]);
  expect(cell?.getAttribute("aria-label")).toBe("3 cat predicted as cat, right");
  expect(hidden(part("summary-wrong"))).toBe(true);
  cell?.click();
  expect(model.saved[1]).toEqual({ show_label: 0, show_class: 0 });
});

test("one model alone has no choice of models", () => {
  const { part } = open();
  expect(hidden(part("model").closest(".xcnn-model-read") as HTMLElement)).toBe(true);
});

test("metrics say of which model they are, and stand beside its methods", async () => {
  const numbers = { deletion: { grad_cam: 0.25, "grad_cam@after": 0.5 } };
  const { model, part, el } = two({ metrics: ["deletion"], _numbers: { 3: numbers } });
  await painted(platform);
  const told = () => el.querySelector("[data-xcnn=number-deletion]")?.textContent;
  expect(part("sort-deletion").parentElement?.textContent).toContain("maps of before");
  expect(told()).toBe("0.250");
  model.receive({ model: "after" });
  await painted(platform);
  expect(part("sort-deletion").parentElement?.textContent).toContain("maps of after");
  expect(told()).toBe("0.500");
});

test("what holds for rows is told once above them, of some with their number", async () => {
  const why = "It is given another cut.";
  const more = { model: "before", changed: false, beside: [beside({ why })] };
  const { part, parts } = two({ _row_0: row(3, more), _row_1: row(4, more), _row_2: row(5, more) });
  await painted(platform);
  expect(part("page-notes").textContent).toBe(`after: ${why}`);
  for (const one of parts("row")) expect(one.textContent).not.toContain(why);
  expect(pageNotes([row(3, more), row(4), null], []).texts).toEqual([
    `after: ${why} (1 of 2 rows)`,
  ]);
});

test("a column that shows no place in any row says so once", async () => {
  const flat = rowMap({ range: [0, 0] });
  const maps = { grad_cam: flat, saliency: rowMap({ layer: null }) };
  const { model, part, parts } = open({ _row_0: row(3, { maps }), _row_1: row(4, { maps }) });
  model.receive({ _row_2: row(5, { maps }) });
  await painted(platform);
  expect(part("page-notes").textContent).toContain("Grad-CAM: the same everywhere");
  expect(parts("nothing").every(hidden)).toBe(true);
  model.receive({ _row_2: row(5) });
  await painted(platform);
  expect(hidden(part("page-notes"))).toBe(true);
  expect(parts("nothing").map(hidden)).toEqual([false, false, true]);
});

test("a class goes to another model by its name", () => {
  expect(matchedClass(1, ["r", "g"], ["g", "blue", "r"])).toBe(0);
  expect(matchedClass(1, ["r", "g"], ["r"])).toBe(null);
  expect(matchedClass(1, ["crane", "crane"], ["crane", "crane"])).toBe(1);
  expect(matchedClass(1, [], [])).toBe(1);
});

test("accuracy of a class counts all its pictures", () => {
  const found = classAccuracy([
    [4, 4, 3],
    [4, 9, 1],
    [9, 4, 2],
  ]);
  expect([...found]).toEqual([
    [4, 0.75],
    [9, 0],
  ]);
});
