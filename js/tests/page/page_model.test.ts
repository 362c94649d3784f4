import { expect, test, vi } from "vitest";
import { PageModel } from "../../src/page/page_model";
import { stateFrom } from "../../src/page/state";

test("all values of an answer are there before the first event", async () => {
  const model = new PageModel({ a: 1, b: 1 }, ({ a }) => Promise.resolve({ a: a + 1, b: 2 }));
  const seen: number[][] = [];
  model.on("change:a", () => seen.push([model.get("a"), model.get("b")]));
  model.set("a", 5);
  model.save_changes();
  await vi.waitFor(() => expect(seen).toEqual([[5, 1], [6, 2]])); // biome-ignore format: pairs
});

test("a value that is the same tells nobody, nor one that is no longer followed", () => {
  const model = new PageModel({ a: 1 }, () => Promise.resolve(null));
  const told = vi.fn();
  model.on("change:a", told);
  model.set("a", 1);
  expect(told).not.toHaveBeenCalled();
  model.off("change:a", told);
  model.set("a", 2);
  expect(told).not.toHaveBeenCalled();
});

test("bytes come back from JSON wherever they stand", () => {
  const state = stateFrom('{"a": [{"base64": "AAH/"}], "b": {"base64": 1}}');
  expect(state).toEqual({ a: [new DataView(Uint8Array.of(0, 1, 255).buffer)], b: { base64: 1 } });
});
