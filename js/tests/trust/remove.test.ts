import { expect, test } from "vitest";
import { withoutHottest } from "../../src/trust/remove";

test("pixels that are gone after a step have the mean colour of all, the others their own", () => {
  const rgba = Uint8ClampedArray.from([0, 40, 80, 255, 100, 60, 0, 255]);
  const order = Uint8Array.from([2, 1]);
  expect([...withoutHottest(rgba, order, 0)]).toEqual([...rgba]);
  expect([...withoutHottest(rgba, order, 1)]).toEqual([0, 40, 80, 255, 50, 50, 40, 255]);
  expect([...withoutHottest(rgba, order, 2)]).toEqual([50, 50, 40, 255, 50, 50, 40, 255]);
});
