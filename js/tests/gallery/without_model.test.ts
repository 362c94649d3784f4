// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { Platform } from "../platform";
import { hidden, open } from "./opened";

beforeEach(() => {
  new Platform().install();
  document.body.replaceChildren();
});

test("results without their model offer nothing that needs one", () => {
  const needs = ["rows", "target", "open-explorer"];
  const { part } = open({ _asks_no_model: true });
  expect(needs.map((hook) => hidden(part(hook)))).toEqual([true, true, true]);
  expect(hidden(part("order"))).toBe(false);
  document.body.replaceChildren();
  const asked = open();
  expect(needs.map((hook) => hidden(asked.part(hook)))).toEqual([false, false, false]);
});

test("what was explained is told where nothing else can be asked", () => {
  const { el } = open({ _asks_no_model: true, target: "predicted" });
  expect(el.textContent).toContain("The class that each picture is predicted as.");
});

test("only metrics that were measured are offered, and those of all pictures are there", () => {
  const { part } = open({
    _asks_no_model: true,
    _metrics_offered: ["deletion"],
    metrics: ["deletion"],
  });
  expect(hidden(part("metric-deletion"))).toBe(false);
  expect(hidden(part("metric-road"))).toBe(true);
  expect(hidden(part("measure-all"))).toBe(false);
});
