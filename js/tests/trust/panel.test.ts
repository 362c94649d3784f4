// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import explainer from "../../src/explainer";
import type { Traits } from "../../src/explainer/traits";
import type { Trust } from "../../src/trust/traits";
import { FakeModel } from "../fake_model";
import { NestingManager } from "../nesting_manager";
import { Platform } from "../platform";
import { filledTraits } from "../traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

const found: Trust = {
  image_index: 0,
  method: "grad_cam",
  layer: "layer4",
  target: { index: 4, name: "Egyptian cat", probability: 0.7 },
  randomised: {
    labels: ["none", "all"],
    correlation: [1, 0.2],
    shape: [2, 3, 2],
    data: new Uint8Array(12),
    clipped_at: null,
    stays_up: false,
    sentence: "It changes.",
  },
  removed: null,
  other: null,
  why: {},
};

function open(traits: Partial<Traits>, manager: object) {
  const model = new FakeModel<Traits>(
    { ...filledTraits(), ...traits },
    manager as unknown as FakeModel<Traits>["widget_manager"],
    { comm_live: false },
  );
  const el = document.body.appendChild(document.createElement("div"));
  explainer.render({ model, el });
  return el.querySelector('[data-xcnn="trust"]') as HTMLDetailsElement;
}

test("a page offers the panel only if something of it was saved; a notebook always", () => {
  expect(open({}, new NestingManager({})).hidden).toBe(false);
  expect(open({}, { isPage: true }).hidden).toBe(true);
  expect(open({ _trust: found }, { isPage: true }).hidden).toBe(false);
});

test("in a notebook whose kernel has gone it says to run the cell again, elsewhere that a kernel is needed", async () => {
  for (const [manager, advice] of [
    [{ kernel: null }, "Run the cell again to go on."],
    [{}, "needs a running kernel"],
  ] as const) {
    const panel = open({}, manager);
    panel.open = true;
    panel.dispatchEvent(new Event("toggle"));
    await platform.frame();
    expect(panel.textContent).toContain(`not saved here`);
    expect(panel.textContent).toContain(advice);
  }
});

test("a colour bar tells what the colours of random networks' maps stand for", async () => {
  for (const [clipped_at, ends] of [
    [null, "1 its greatest"],
    [0.99, "the hottest 1% of its pixels begin"],
  ] as const) {
    const randomised = found.randomised && { ...found.randomised, clipped_at };
    const panel = open({ _trust: { ...found, randomised }, trust_open: true }, { isPage: true });
    await platform.frame();
    const bar = panel.querySelector('[data-xcnn="colourbar"]') as HTMLElement;
    expect(bar.hidden).toBe(false);
    expect(bar.ariaLabel ?? bar.getAttribute("aria-label")).toContain(ends);
  }
});
