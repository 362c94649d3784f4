import { expect, test } from "vitest";
import { distributionsOf, histogramOf } from "../../../src/page/gallery/distributions";
import { chosen } from "../../../src/page/gallery/order";
import type { Told } from "../../../src/page/gallery/told";

const none = () => null;
const everything = { order: "given", show: "all", show_class: null, show_text: "" } as const;

function told(
  said: { probability: number } | { value: number } | null,
  right: boolean | null,
): Told {
  const prediction = said && { index: 0, name: "a", ...said };
  return { name: "one", prediction, others: [], right, label: null, moved: null, group: null };
}

test("numbers are counted by hand, wrong ones beside them", () => {
  const found = histogramOf(
    [
      [0, false],
      [0.049999, true],
      [0.05, null],
      [0.9499, false],
      [0.95, null],
      [1, false],
    ],
    [0, 1],
  );
  expect([0, 1, 18, 19].map((place) => found?.counts[place])).toEqual([2, 1, 1, 2]);
  expect([0, 1, 18, 19].map((place) => found?.wrong?.[place])).toEqual([1, 0, 1, 1]);
  expect(found?.edges).toHaveLength(21);
  expect(histogramOf([], [0, 1])).toBeNull();
  expect(histogramOf([[2.5, null]], null)).toEqual({ edges: [2.5, 2.5], counts: [1], wrong: null });
});

test("each bar is what its filter lets through, of values and of disagreements", () => {
  const pictures = [0.31, 0.7, 0.35, 1, 0.05].map((probability, i) =>
    told({ probability }, i % 2 === 0),
  );
  const apart = [0, 0.1, 1.99, 2, 0.3];
  const found = distributionsOf(pictures, apart, () => true);
  for (const by of ["value", "disagreement"] as const) {
    const { edges, counts } = found[by] ?? { edges: [], counts: [] };
    const through = counts.map((_, i) => {
      const high = i === counts.length - 1 ? null : (edges[i + 1] as number);
      const selection = { ...everything, [`show_${by}`]: [edges[i], high] as const };
      return chosen(pictures, selection, {
        disagreement: (place) => apart[place] ?? null,
        value_change: none,
        map_change: none,
      }).length;
    });
    expect(through).toEqual(counts);
    expect(counts.reduce((all, count) => all + count)).toBe(5);
  }
});

test("plain values lie between their own ends, and what was not seen is not counted", () => {
  const pictures = [told({ value: -3 }, null), told({ value: 5 }, null), told(null, null)];
  const { value } = distributionsOf(pictures, [], () => false);
  expect([value?.edges[0], value?.edges[20], value?.wrong]).toEqual([-3, 5, null]);
  expect(value?.counts.reduce((all, count) => all + count)).toBe(2);
});

test("disagreements are told where they are known of all that have maps", () => {
  const pictures = [told({ probability: 0.5 }, true), told({ probability: 0.6 }, true)];
  expect(distributionsOf(pictures, [0.5, null], () => true).disagreement).toBeNull();
  const found = distributionsOf(pictures, [0.5, null], (place) => place === 0).disagreement;
  expect(found?.counts.reduce((all, count) => all + count)).toBe(1);
});

test("a group lets its own pictures through", () => {
  const pictures = [0, 1, null, 1].map((group) => ({
    ...told({ probability: 0.5 }, null),
    group,
  }));
  const numbers = { disagreement: none, value_change: none, map_change: none };
  expect(chosen(pictures, { ...everything, show_group: 1 }, numbers)).toEqual([1, 3]);
});
