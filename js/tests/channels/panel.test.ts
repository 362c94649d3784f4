// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import type { ChannelLayer, ChannelWeights } from "../../src/channels/traits";
import explainer from "../../src/explainer";
import type { Traits } from "../../src/explainer/traits";
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

const floats = (...values: number[]) => new DataView(Float32Array.from(values).buffer);

const layer: ChannelLayer = {
  layer: "layer4",
  image_index: 0,
  shape: [3, 3, 2],
  averaged: 1,
  size: [6, 4],
  data: Uint8Array.from({ length: 18 }, (_, i) => 10 * i),
  low: floats(0, 0, 0),
  high: floats(1, 2, 3),
  mean: floats(1, 1, 1),
};

const weights: ChannelWeights = {
  layer: "layer4",
  image_index: 0,
  target: { index: 4, name: "Egyptian cat", probability: 0.7 },
  data: floats(1, -2, 3),
};

function open(traits: Partial<Traits> = {}, live = true) {
  const manager = live ? new NestingManager({}) : { isPage: true };
  const model = new FakeModel<Traits>(
    { ...filledTraits(), ...traits },
    manager as unknown as FakeModel<Traits>["widget_manager"],
  );
  const el = document.body.appendChild(document.createElement("div"));
  const close = explainer.render({ model, el });
  const part = <E extends Element = HTMLElement>(hook: string) =>
    el.querySelector(`[data-xcnn="${hook}"]`) as unknown as E;
  return { model, el, close, part, panel: part<HTMLDetailsElement>("channels") };
}

async function unfold(panel: HTMLDetailsElement) {
  panel.open = true;
  panel.dispatchEvent(new Event("toggle"));
  await platform.frame();
}

test("it is closed at first, and tells Python when it is opened and closed", async () => {
  const { model, panel, part, close } = open();
  await platform.frame();
  expect([panel.open, part("channels-all")]).toEqual([false, null]);
  await unfold(panel);
  expect(model.saved).toEqual([{ channels_open: true }]);
  expect(panel.textContent).toContain("Looking at the channels");
  panel.open = false;
  panel.dispatchEvent(new Event("toggle"));
  expect(model.saved.at(-1)).toEqual({ channels_open: false });
  expect(part("channels-all")).toBe(null);
  close();
  expect(model.listenerCount).toBe(0);
});

test("the channels that speak for the class and against it are told with their shares", async () => {
  const { model, panel, part } = open();
  await unfold(panel);
  model.receive({ _channel_layer: layer, _channel_weights: weights });
  await platform.frame();
  const labels = [...part("channels-for").querySelectorAll("button")].map((b) => b.ariaLabel);
  expect(labels).toEqual([
    "Channel 2, +50.0 % for Egyptian cat",
    "Channel 0, +16.7 % for Egyptian cat",
  ]);
  expect(part("channels-against").textContent).toContain("−33.3 %");
  expect(part("channels-all").querySelectorAll("button")).toHaveLength(3);
});

test("a channel is looked at, and switched off and on again", async () => {
  const traits = { _channel_layer: layer, _channel_weights: weights, channels_open: true };
  const { model, part } = open(traits);
  await platform.frame();
  await platform.frame();
  part("channels-for").querySelector("button")?.click();
  await platform.frame();
  expect(part("channel-facts").textContent).toContain("Channel 2 speaks for Egyptian cat: +50.0 %");
  const box = part("channels-for").querySelector("input") as HTMLInputElement;
  box.click();
  expect(model.saved.at(-1)).toEqual({ channels_off: [2] });
  await platform.frame();
  expect(part("channels-off").textContent).toBe("1 channel off (2): asking the network …");
  const [before, after] = [0.7, 0.25].map((probability) => ({ ...weights.target, probability }));
  const map = filledTraits()._map;
  if (!map || !before || !after) throw new Error("nothing to show");
  model.receive({
    _channels_after: {
      layer: "layer4",
      image_index: 0,
      off: [2],
      before: map,
      after: map,
      changes: [{ before, after }],
    },
  });
  await platform.frame();
  expect(part("channels-off").textContent).toContain("Egyptian cat 70.0% → 25.0%");
  part("channels-on").click();
  expect(model.saved.at(-1)).toEqual({ channels_off: [] });
});

test("without a kernel what was saved is shown, and nothing that it does not belong to", async () => {
  const traits = { _channel_layer: layer, _channel_weights: weights, channels_open: true };
  const { model, panel, part } = open(traits, false);
  await platform.frame();
  await platform.frame();
  expect(part("channels-all").querySelectorAll("button")).toHaveLength(3);
  model.receive({ layer: "layer2" });
  await platform.frame();
  expect(panel.textContent).toContain("needs a running kernel");
  expect(part("channels-all").closest<HTMLElement>("[hidden]")).not.toBe(null);
});

test("of signals and volumes there is no panel", async () => {
  const { model, panel } = open();
  expect(panel.hidden).toBe(false);
  const picture = filledTraits()._picture;
  if (picture)
    model.receive({ _picture: { ...picture, data: floats(1, 2), size: [2], lines: [0] } });
  expect(panel.hidden).toBe(true);
});
