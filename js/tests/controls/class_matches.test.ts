import { expect, test } from "vitest";
import { findClasses } from "../../src/controls/class_matches";
import golden from "../golden/class_matches.json";

const lowered = golden.names.map((name) => name.toLowerCase());
const search = (query: string, likeliest: readonly number[] = []) =>
  findClasses(query, { names: golden.names, lowered, likeliest }).matches.map(({ index }) => index);

for (const { query, likeliest, found } of golden.cases) {
  test(`"${query}" finds the same classes in the same order as in Python`, () => {
    expect(search(query, likeliest)).toEqual(found);
  });
}

test("an index comes before names that hold it", () => {
  expect(search("5")).toEqual([5, 11]);
});
