import { expect, test } from "vitest";
import { answering } from "../../src/atlas/answer";
import type { Atlas } from "../../src/atlas/atlas";
import { channelTerms, type Head, openHead, readScores } from "../../src/atlas/head";
import { onlySaved } from "../../src/atlas/offer";
import { floatsOf, gridOfChannel } from "../../src/channels/terms";
import type { Traits } from "../../src/explainer/traits";
import { stateFrom } from "../../src/page/state";
import { bytesOf } from "../../src/pixels/decode";
import golden from "../golden/head.json";

type Saved = Traits & { readonly _atlas: Atlas };

const state = stateFrom(JSON.stringify(golden.state)) as Saved;
const head = state._atlas.head as Head;

function page(): { ask: (choices: Partial<Traits>) => Promise<Traits>; opened: Traits } {
  const opening = { ...state, _thumbnails: [] };
  const { traits, atlas } = onlySaved(opening, state._atlas);
  const answer = answering(atlas, traits);
  let now = traits;
  return {
    opened: traits,
    async ask(choices) {
      now = { ...now, ...choices };
      now = { ...now, ...(await answer(now)) };
      return now;
    },
  };
}

test.each(golden.views)(
  "picture $image_index, class $target: as a kernel shows it",
  async (view) => {
    const { ask } = page();
    const shown = await ask({ image_index: view.image_index, target: view.target });
    expect(shown.error).toBe("");
    expectMap(shown, view);
    expect(shown._map?.target).toMatchObject({ index: view.target, name: view.said.name });
    expect(shown._map?.target.probability).toBeCloseTo(view.said.probability as number, 5);
    expect(shown._offer?.said(view.target).probability).toBeCloseTo(
      view.said.probability as number,
      5,
    );
  },
);

test.each(golden.pairs)("class $target rather than $rather_than", async (pair) => {
  const { ask } = page();
  await ask({ target: pair.target });
  const shown = await ask({ rather_than: pair.rather_than });
  expectMap(shown, pair);
  expect(shown._map?.target.name).toBe(pair.said.name);
  expect(shown._map?.target.value).toBeCloseTo(pair.said.value as number, 4);
  expect(shown.target).toBe(shown._map?.target.index);
  // Another picture is asked the same, another class ends it.
  expect((await ask({ image_index: 1 }))._map?.target.name).toBe(pair.said.name);
  expect((await ask({ target: 3 })).rather_than).toBeNull();
  const refused = await ask({ rather_than: 3 });
  expect(refused.error).toContain("Only two different classes");
  expect(refused.rather_than).toBeNull();
});

test("the channels' terms are those of `channel_terms`", async () => {
  const picture = head.pictures[0] as Head["pictures"][number];
  const terms = channelTerms(await openHead(head, picture), { target: 0 });
  const near = (found: Iterable<number>, wanted: readonly number[]) => {
    const most = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of [...found].entries()) {
      expect(Math.abs(value - (wanted[i] ?? Number.NaN))).toBeLessThan(most / 100);
    }
  };
  near(terms.weights, golden.terms.weights);
  near(terms.means, golden.terms.means);
  near(terms.shares, golden.terms.shares);
  near(terms.map(2), golden.terms.map);
});

test("the panel of channels shows any class, and one rather than another", async () => {
  const { ask } = page();
  const shown = await ask({ target: 4 });
  const [layer, weights] = [shown._channel_layer, shown._channel_weights];
  expect(layer).toMatchObject({ layer: "1", image_index: 0, shape: [7, 3, 4], averaged: 1 });
  expect(weights?.target.index).toBe(shown._map?.target.index);
  const open = await openHead(head, head.pictures[0] as Head["pictures"][number]);
  const near = (found: Float32Array, wanted: Float32Array) => {
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i] as number, 5);
  };
  const terms = channelTerms(open, { target: 4 });
  near(floatsOf(weights?.data as DataView), terms.weights);
  near(floatsOf(layer?.mean as DataView), terms.means);
  const [low, high] = [layer?.low, layer?.high].map((ends) => floatsOf(ends as DataView));
  const grid = gridOfChannel(layer?.data as Uint8Array, [7, 3, 4], 2);
  for (const [cell, level] of grid.entries()) {
    const [least, most] = [low?.[2] as number, high?.[2] as number];
    const wanted = open.activation[2 * 12 + cell] as number;
    expect(Math.abs(least + (level / 255) * (most - least) - wanted)).toBeLessThan(0.003 * most);
  }
  const rather = await ask({ rather_than: 1 });
  near(
    floatsOf(rather._channel_weights?.data as DataView),
    channelTerms(open, { target: 4, ratherThan: 1 }).weights,
  );
  // The same grids, so that they are not drawn anew for each class.
  expect(rather._channel_layer).toBe(layer);
});

test("scores are read as the model's are", () => {
  const scores = Float32Array.of(1000, 1001, -3);
  expect(readScores(scores, "softmax")[1]).toBeCloseTo(1 / (1 + Math.exp(-1)));
  expect(readScores(scores, "sigmoid")[2]).toBeCloseTo(1 / (1 + Math.exp(3)));
  expect(readScores(scores, "none")).toBe(scores);
});

test("classes are offered with the likeliest first", async () => {
  const { ask } = page();
  const { _offer: offer, predictions } = await ask({});
  expect(offer?.classes.slice(0, 5)).toEqual(predictions.map(({ index }) => index));
  expect(offer?.classes).toHaveLength(6);
  expect(offer?.contrasts).toBe(true);
  expect(offer?.words).toContain("5 views, and Grad-CAM at 1 of all 6 classes");
});

test("a class that only Grad-CAM has brings Grad-CAM, and saliency brings its own class", async () => {
  const { ask, opened } = page();
  expect(opened._methods.map(({ name }) => name)).toEqual(["grad_cam", "saliency"]);
  await ask({ target: 0 });
  expect(await ask({ method: "saliency" })).toMatchObject({ target: 0, note: "" });
  const other = await ask({ target: 3 });
  expect(other).toMatchObject({ method: "grad_cam", target: 3 });
  expect(other.note).toContain("the nearest one that is saved is shown");
  expect(await ask({ method: "saliency" })).toMatchObject({ method: "saliency", target: 0 });
});

test("a head of a later version leaves the views as they are", async () => {
  const atlas = { ...state._atlas, head: { ...head, version: 2 } };
  const shown = await answering(atlas)({ ...state, target: 4 });
  expect(shown?.target).not.toBe(4);
  expect(shown?._offer?.contrasts).toBe(false);
});

interface Wanted {
  readonly levels: readonly number[];
  readonly range: readonly number[];
  readonly status: string;
  readonly note: string;
}

function expectMap(shown: Traits, wanted: Wanted): void {
  const levels = bytesOf(shown._map?.data ?? new Uint8Array(0));
  expect(levels).toHaveLength(wanted.levels.length);
  for (const [i, level] of levels.entries()) {
    expect(Math.abs(level - (wanted.levels[i] ?? Number.NaN))).toBeLessThanOrEqual(3);
  }
  expect(shown._map?.range[1]).toBeCloseTo(wanted.range[1] ?? Number.NaN, 3);
  expect(shown.status).toBe(wanted.status);
  expect(shown.note).toBe(wanted.note);
}
