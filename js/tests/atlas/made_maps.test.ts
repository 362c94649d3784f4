import { expect, test } from "vitest";
import { answering } from "../../src/atlas/answer";
import type { Atlas } from "../../src/atlas/atlas";
import type { Traits } from "../../src/explainer/traits";
import { stateFrom } from "../../src/page/state";
import { type Bytes, bytesOf } from "../../src/pixels/decode";
import golden from "../golden/made.json";

type Saved = Traits & { readonly _atlas: Atlas };

interface View {
  readonly choices: Partial<Traits>;
  readonly heat: string;
  readonly colour?: string;
  readonly signed?: string;
}

const pages = golden.map(({ state, views }) => ({
  state: stateFrom(JSON.stringify(state)) as Saved,
  views: views as View[],
}));

test.each(
  pages.flatMap(({ state, views }) => views.map((view) => ({ state, view, ...view.choices }))),
)(
  "$method at $layer of class $target is painted as a kernel paints it",
  async ({ state, view }) => {
    const answer = await answering(state._atlas)({ ...state, ...view.choices });
    expect(answer?.error).toBe("");
    const map = answer?._map;
    expectNear(map?.data, view.heat);
    expectNear(map?.colour?.data, view.colour);
    expectNear(map?.signed?.data, view.signed);
    expect(map).not.toHaveProperty("attribution");
  },
);

test("of guided maps one attribution a class is saved, and no pixels", () => {
  for (const { state } of pages) {
    const { version, entries, attributions } = state._atlas;
    expect(version).toBe(3);
    const guided = entries.filter(({ method }) => method !== "grad_cam");
    expect(guided.map(({ encoding }) => encoding)).toEqual(guided.map(() => "made"));
    expect(guided.map(({ data }) => bytesOf(data).length)).toEqual(guided.map(() => 0));
    expect(attributions).toHaveLength(4);
  }
});

test("a page that lost what a map is made of says so", async () => {
  const state = stateFrom(JSON.stringify(golden[0]?.state)) as Saved;
  const saved = { ...state._atlas, attributions: [] };
  const answer = await answering(saved)({ ...state, method: "deconvnet", target: 0 });
  expect(answer?.error).toContain("what it is made from is not there");
});

/** Within 2 grey levels at 99 % of the values. */
function expectNear(found: Bytes | undefined, wanted: string | undefined) {
  expect(found === undefined).toBe(wanted === undefined);
  if (found === undefined || wanted === undefined) return;
  const levels = Uint8Array.from(atob(wanted), (letter) => letter.charCodeAt(0));
  const bytes = bytesOf(found);
  expect(bytes).toHaveLength(levels.length);
  const near = levels.filter((level, at) => Math.abs(level - (bytes[at] as number)) <= 2);
  expect(near.length / levels.length).toBeGreaterThanOrEqual(0.99);
}
