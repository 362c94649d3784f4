// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { barsOf, binsABar, isPressed, joined } from "../../src/gallery/bars";
import { spanText, valueWords } from "../../src/gallery/range_words";
import type { Histogram } from "../../src/gallery/ranges";
import type { Model, Summary } from "../../src/gallery/traits";
import { FakeModel } from "../fake_model";
import { Platform } from "../platform";
import { hidden, open, painted, press } from "./opened";

const edges = Array.from({ length: 21 }, (_, i) => i / 20);
const bins = (...some: readonly (readonly [place: number, count: number])[]) => {
  const all = new Array<number>(20).fill(0);
  for (const [place, count] of some) all[place] = count;
  return all;
};
const value: Histogram = {
  edges,
  counts: bins([0, 2], [18, 31], [19, 1]),
  wrong: bins([0, 2], [18, 4]),
};
const disagreement: Histogram = {
  edges: edges.map((edge) => 2 * edge),
  counts: bins([1, 20], [2, 14]),
  wrong: null,
};
const summary: Summary = {
  pictures: 34,
  right: 28,
  wrong: 6,
  unlabelled: 0,
  unread: 0,
  confusion: [[4, 4, 34]],
  distributions: { value, disagreement },
};

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

function opened(traits: Parameters<typeof open>[0] = {}) {
  const found = open({ _summary: summary, ...traits });
  const bars = (hook: string) => [
    ...found.part(hook).querySelectorAll<HTMLButtonElement>("[data-xcnn=bar]"),
  ];
  return { ...found, bars };
}

test("a bar tells its range, its pictures and those that are wrong", () => {
  const { bars, part, el } = opened();
  expect(bars("value-bars").map((bar) => bar.getAttribute("aria-label"))).toEqual([
    "probability 0% to 5%: 2 pictures, 2 wrong",
    "probability 90% to 95%: 31 pictures, 4 wrong",
    "probability 95% to 100%: 1 picture, 0 wrong",
  ]);
  expect(bars("disagreement-bars")[0]?.getAttribute("aria-label")).toBe(
    "disagreement 0.10 to 0.20: 20 pictures",
  );
  expect(part("value-bars").children).toHaveLength(20);
  expect(el.textContent).toContain("Probability of the prediction");
  expect(el.textContent).toContain("Disagreement of Grad-CAM and Saliency");
});

test("a bar filters, and pressed again no more; the last one has no upper end", () => {
  const { model, bars } = opened();
  const [, most, last] = bars("value-bars");
  most?.click();
  expect(most?.getAttribute("aria-pressed")).toBe("true");
  most?.click();
  expect(most?.getAttribute("aria-pressed")).toBe("false");
  last?.click();
  bars("disagreement-bars")[1]?.click();
  expect(model.saved).toEqual([
    { show_value: [0.9, 0.95] },
    { show_value: null },
    { show_value: [0.95, null] },
    { show_disagreement: [0.2, 0.3] },
  ]);
});

test("with shift, the bars up to another one are shown", () => {
  const { model, bars } = opened({ show_value: [0.9, 0.95] });
  const [first, , last] = bars("value-bars");
  const shift = () => new MouseEvent("click", { shiftKey: true, bubbles: true });
  last?.dispatchEvent(shift());
  first?.dispatchEvent(shift());
  expect(model.saved).toEqual([{ show_value: [0.9, null] }, { show_value: [0, null] }]);
  expect(bars("value-bars").map((bar) => bar.getAttribute("aria-pressed"))).toEqual([
    "true",
    "true",
    "true",
  ]);
});

test("keys lead from bar to bar, of which one can be reached with Tab", () => {
  const { bars } = opened();
  const [first, most, last] = bars("value-bars");
  expect(bars("value-bars").map((bar) => bar.tabIndex)).toEqual([0, -1, -1]);
  first?.focus();
  press("ArrowRight");
  expect(document.activeElement).toBe(most);
  press("End");
  expect(document.activeElement).toBe(last);
  press("ArrowRight");
  expect(document.activeElement).toBe(last);
  press("Home");
  expect(document.activeElement).toBe(first);
});

test("a page that comes with the same numbers takes no bar away", () => {
  const { model, bars } = opened();
  const before = bars("value-bars");
  before[1]?.focus();
  model.receive({ _summary: structuredClone(summary) as Summary });
  expect(bars("value-bars")).toEqual(before);
  expect(document.activeElement).toBe(before[1]);
});

test("filters in force stand beside the others, each with the way back", () => {
  const { model, part, el } = opened({
    show_value: [0.9, 0.95],
    show_disagreement: [1.5, null],
  });
  const chip = (hook: string) => part(hook).parentElement as HTMLElement;
  expect(chip("show-value-clear").textContent).toContain("probability 90% to 95%");
  expect(chip("show-disagreement-clear").textContent).toContain("disagreement 1.50 and more");
  expect(hidden(part("show-group-clear"))).toBe(true);
  part("show-value-clear").click();
  part("show-disagreement-clear").click();
  expect(hidden(part("show-value-clear"))).toBe(true);
  expect(model.saved).toEqual([{ show_value: null }, { show_disagreement: null }]);
  expect(el.querySelector("[aria-pressed=true]")).toBeNull();
});

test("where no picture passes, one button takes these filters away too", async () => {
  const { model, part } = opened({
    _page: { generation: 8, rows: 0, page: 0, pages: 1, matches: 0, total: 20 },
    show_value: [0.1, 0.2],
  });
  await painted(platform);
  part("show-all").click();
  expect(model.get("show_value")).toBeNull();
});

test("disagreements that are not known of all pictures are asked for by ordering by them", () => {
  const { model, part, parts } = opened({
    _summary: { ...summary, distributions: { value, disagreement: null } },
  });
  expect(hidden(part("disagreement-bars"))).toBe(true);
  part("compare-all").click();
  expect(model.saved).toEqual([{ order: "disagreement" }]);
  model.receive({ methods: ["grad_cam"] });
  expect(hidden(part("compare-all"))).toBe(true);
  expect(parts("bar")).toHaveLength(3);
});

test("galleries that were saved before there were figures have none", () => {
  const { distributions: _, ...before } = summary;
  const { part } = opened({ _summary: before });
  expect(hidden(part("distributions"))).toBe(true);
});

test("without labels the model's probabilities can be asked for, and nothing is called wrong", () => {
  const { model, part, bars, el } = opened({ _has_labels: false, _summary: null });
  expect(part("summarise").textContent).toBe("Probabilities of all 20 pictures");
  part("summarise").click();
  expect(model.saved).toEqual([{ _summary_wanted: 1 }]);
  const distributions = { value: { ...value, wrong: null }, disagreement: null };
  model.receive({ _summary: { ...summary, confusion: [], right: 0, wrong: 0, distributions } });
  expect(hidden(part("summary"))).toBe(true);
  expect(bars("value-bars")[0]?.getAttribute("aria-label")).toBe(
    "probability 0% to 5%: 2 pictures",
  );
  expect(el.querySelector(".xcnn-bars .xcnn-bin-wrong")).toBeNull();
});

test("of several models the figures are of the one that is read", () => {
  const other = {
    ...summary,
    model: "after",
    distributions: { value: disagreement, disagreement },
  };
  const { model, bars, el } = opened({
    _models: ["before", "after"],
    model: "before",
    _summary: { ...summary, model: "before", beside: [other] },
  });
  expect(bars("value-bars")).toHaveLength(3);
  expect(el.textContent).toContain("Probability of the prediction, of before");
  model.receive({ model: "after" });
  expect(bars("value-bars")).toHaveLength(2);
  expect(el.textContent).toContain("Probability of the prediction, of after");
  expect(el.textContent).toContain("Disagreement of Grad-CAM and Saliency, of before");
});

test("bars under a finger have as many bins as they need to be wide enough", () => {
  expect(binsABar(20, 340, 44)).toBe(4);
  expect(binsABar(20, 340, 8)).toBe(1);
  expect(binsABar(20, 30, 44)).toBe(20);
  expect(binsABar(1, 10, 44)).toBe(1);
  const bars = barsOf(value, 4);
  expect(bars.map(({ count }) => count)).toEqual([2, 0, 0, 0, 32]);
  expect(bars.map(({ wrong }) => wrong)).toEqual([2, 0, 0, 0, 4]);
  expect(bars.at(-1)?.span).toEqual([0.8, null]);
  expect(bars[0]?.span).toEqual([0, 0.2]);
});

test("a bar is pressed where all of it is shown", () => {
  expect(isPressed([0.2, 0.4], [0.2, 0.6])).toBe(true);
  expect(isPressed([0.2, 0.4], [0.3, 0.6])).toBe(false);
  expect(isPressed([0.8, null], [0.2, 0.9])).toBe(false);
  expect(isPressed([0.8, null], [0.2, null])).toBe(true);
  expect(isPressed([0.8, null], null)).toBe(false);
  expect(joined([0.2, 0.4], [0.6, 0.8])).toEqual([0.2, 0.8]);
  expect(joined([0.2, 0.4], [0.6, null])).toEqual([0.2, null]);
});

test("values that are no probabilities are told with as many decimals as their steps need", () => {
  const model = new FakeModel({ _reading: { activation: "none" } }) as unknown as Model;
  const words = valueWords(model);
  expect([words.what, spanText(words, [100.1, 100.3])]).toEqual(["value", "100.10 to 100.30"]);
  expect(words.texts([-4, -2, 0, 2])).toEqual(["-4.0", "-2.0", "0.0", "2.0"]);
  expect(words.texts([2.5, 2.5])).toEqual(["2.50", "2.50"]);
  expect(spanText(words, [0.25, null])).toBe("0.250 and more");
});
