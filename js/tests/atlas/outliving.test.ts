import { expect, test, vi } from "vitest";
import { afterlife } from "../../src/atlas/afterlife";
import { outliving } from "../../src/atlas/outliving";
import { choose } from "../../src/controls/model";
import type { Traits } from "../../src/explainer/traits";
import { FakeModel } from "../fake_model";
import { emptyTraits, map, picture } from "../traits";

const cat = { index: 4, name: "Egyptian cat", probability: 0.7 };
const shown = { ...map(0), target: cat };
const saved = {
  ...shown,
  layer: "layer1",
  encoding: "raw",
  options: {},
  status: "saved",
  note: "",
};
const atlas = {
  version: 1,
  images: [{ picture: picture(0), predictions: [cat] }],
  entries: [saved],
};

function opened(live: boolean, changes: object = { _atlas: atlas }) {
  const traits = {
    ...emptyTraits(),
    _picture: picture(0),
    _map: shown,
    predictions: [cat],
    status: "shown",
    ...changes,
  };
  const model = new FakeModel<Traits>(traits, undefined, { comm_live: live });
  const controller = new AbortController();
  return {
    model,
    view: outliving(model, afterlife, controller.signal),
    close: () => controller.abort(),
  };
}

test("with a kernel, choices go to it and nothing is answered here", async () => {
  const { model, view } = opened(true);
  choose(view, { layer: "layer1" });
  await Promise.resolve();
  expect(model.saved).toEqual([{ layer: "layer1" }]);
  expect(model.get("status")).toBe("shown");
});

test("without a kernel, what is saved answers", async () => {
  const { model, view } = opened(false, { _atlas: atlas, progress: 0.5 });
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(model.get("status")).toBe("saved"));
  expect(model.get("_map")?.layer).toBe("layer1");
  expect(model.get("progress")).toBeNull();
});

test("without a kernel, what is not saved says so, and the view shown can be gone back to", async () => {
  const { model, view } = opened(false, {});
  const layer = model.get("layer");
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(model.get("error")).toContain("needs a running kernel"));
  expect(model.get("_map")).toBe(shown);
  // No choice contradicts what is shown.
  expect(model.get("layer")).toBe(layer);
  choose(view, { layer });
  await vi.waitFor(() => expect(model.get("error")).toBe(""));
  expect(model.get("status")).toBe("shown");
});

test("in a notebook the way out is its cell", async () => {
  const { model, view } = opened(false, {});
  Object.assign(model.widget_manager, { kernel: null });
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(model.get("error")).toMatch(/^Run the cell again/));
});

test("on a page that marimo has exported nobody answers either", async () => {
  vi.stubGlobal("__MARIMO_STATIC__", {});
  const { model, view } = opened(true, {});
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(model.get("error")).toContain("needs a running kernel"));
  expect(model.get("layer")).not.toBe("layer1");
  vi.unstubAllGlobals();
});

test("what the kernel showed last is kept when it goes", async () => {
  const { model, view } = opened(true, {});
  const host = model.host as { comm_live: boolean };
  model.receive({ _map: { ...shown, layer: "layer1" }, status: "later" });
  host.comm_live = false;
  choose(view, { layer: "layer2" });
  await vi.waitFor(() => expect(model.get("error")).toContain("needs a running kernel"));
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(model.get("error")).toBe(""));
  expect(model.get("status")).toBe("later");
});

test("a view that is closed follows nothing any more", () => {
  const { model, close } = opened(false);
  close();
  expect(model.listenerCount).toBe(0);
});
