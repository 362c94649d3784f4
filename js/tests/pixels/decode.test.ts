import { expect, test } from "vitest";
import { bytesOf, gridOf } from "../../src/pixels/decode";

test("a view into a larger buffer gives its own bytes, not the buffer's", () => {
  const buffer = Uint8Array.of(9, 9, 1, 2, 3, 9).buffer;
  expect([...bytesOf(new DataView(buffer, 2, 3))]).toEqual([1, 2, 3]);
  expect([...bytesOf(new Uint8Array(buffer, 1, 2))]).toEqual([9, 1]);
  expect([...bytesOf(buffer)]).toEqual([9, 9, 1, 2, 3, 9]);
});

test("bytes are not copied", () => {
  const buffer = new ArrayBuffer(4);
  expect(bytesOf(new DataView(buffer, 1)).buffer).toBe(buffer);
});

test("a grid whose length does not fit its shape is refused by name", () => {
  expect([...gridOf(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 2])]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => gridOf(Uint8Array.of(1, 2, 3), [3, 2])).toThrow("a 3 x 2 map cannot have 3 values");
  expect(() => gridOf(new Uint8Array(), [0, 0])).toThrow(RangeError);
});
