// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { numbersOf } from "../../src/page/gallery/catalogue";
import { chosen } from "../../src/page/gallery/order";
import type { Told } from "../../src/page/gallery/told";
import { Platform } from "../platform";
import { open, painted } from "./opened";
import { pageTraits } from "./traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

const numbers = {
  3: { deletion: { grad_cam: 0.25, saliency: null } },
  4: { deletion: { grad_cam: 0.5, saliency: 0.125 } },
};

test("a metric has a column with a number a method, and says which end is better", async () => {
  const { el, model } = open({ ...pageTraits(), metrics: ["deletion"], _numbers: numbers });
  await painted(platform);
  const told = () =>
    [...el.querySelectorAll("[data-xcnn=row]")].map((row) =>
      [...row.querySelectorAll("[data-xcnn=number-deletion]")].map((one) => one.textContent),
    );
  expect(told()).toEqual([
    ["0.250", "none"],
    ["0.500", "0.125"],
    ["…", "…"],
  ]);
  const head = el.querySelector("[data-xcnn=sort-deletion]")?.closest("[role=columnheader]");
  expect(head?.textContent).toContain("lower is better");
  expect(el.querySelector("[role=grid]")?.getAttribute("aria-colcount")).toBe("5");
  model.receive({ metrics: [] });
  await painted(platform);
  expect(el.querySelector("[data-xcnn=sort-deletion]")).toBeNull();
});

test("its head sorts by the first method, the worst first, and back", async () => {
  const { el, model, part } = open({ ...pageTraits(), metrics: ["deletion"], _numbers: numbers });
  await painted(platform);
  const head = () => el.querySelector("[data-xcnn=sort-deletion]")?.closest("[role=columnheader]");
  part("sort-deletion").click();
  expect(model.saved).toEqual([{ order: "deletion" }]);
  model.receive({ order: "deletion" });
  await painted(platform);
  expect(head()?.getAttribute("aria-sort")).toBe("descending");
  part("sort-deletion").click();
  expect(model.saved.at(-1)).toEqual({ order: "given" });
});

test("metrics are ticked, and orders by them are there with their columns alone", () => {
  const { model, part } = open(pageTraits());
  const orders = () => [...part<HTMLSelectElement>("order").options].map(({ value }) => value);
  expect(orders()).not.toContain("road");
  part<HTMLInputElement>("metric-road").click();
  expect(model.saved).toEqual([{ metrics: ["road"] }]);
  expect(orders()).toContain("road");
});

test("all pictures together are a table that names no winner by itself", () => {
  const trust = {
    methods: ["Grad-CAM", "Saliency"],
    metrics: ["deletion" as const],
    pictures: 12,
    left_out: 1,
    intervals: [[[0.2, 0.1, 0.3]], [[0.25, 0.15, 0.35]]],
    sentences: ["Deletion (area): these 12 pictures do not decide between Grad-CAM and Saliency."],
  };
  const { model, part } = open({ ...pageTraits(), metrics: ["deletion"] });
  part("measure-all").click();
  expect(model.saved).toEqual([{ _trust_wanted: 1 }]);
  model.receive({ _trust: trust });
  expect(part("measure-all").hidden).toBe(true);
  const text = part("trust").textContent ?? "";
  expect(text).toContain("Mean and 95% interval over 12 pictures. 1 could not be measured");
  expect(text).toContain("0.200 (0.100 to 0.300)");
  expect(text).toContain("do not decide");
});

test("a page sorts by what is saved, the worst first and the unknown last", () => {
  const told = (name: string): Told => ({
    name,
    prediction: null,
    right: null,
    label: null,
    moved: null,
  });
  const pictures = ["a", "b", "c"].map(told);
  const selection = { show: "all", show_class: null, show_text: "" } as const;
  const none = () => null;
  const deletion = (place: number) => [0.2, null, 0.6][place] ?? null;
  const by = (order: "deletion" | "insertion") =>
    chosen(
      pictures,
      { ...selection, order },
      { disagreement: none, value_change: none, map_change: none, deletion, insertion: deletion },
    );
  expect(by("deletion")).toEqual([2, 0, 1]);
  expect(by("insertion")).toEqual([0, 2, 1]);
});

test("numbers of saved maps stand by metric and method", () => {
  const map = (method: string, metrics?: object) => ({ method, metrics }) as never;
  expect(numbersOf([map("one", { road: 0.5 }), map("two", { road: null }), map("old")])).toEqual({
    road: { one: 0.5, two: null },
  });
});
