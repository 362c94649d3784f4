import { expect, test } from "vitest";
import type { Size } from "../../src/pixels/decode";
import { resizeBilinear } from "../../src/pixels/resize";
import golden from "../golden/resize.json";

for (const { shape, size, grid, positions, values } of golden) {
  test(`${shape.join(" x ")} to ${size.join(" x ")} is what torch makes of it`, () => {
    const resized = resizeBilinear(
      Uint8Array.from(grid),
      shape as unknown as Size,
      size as unknown as Size,
    );
    const worst = positions.map((at, i) => Math.abs((resized[at] as number) - (values[i] ?? 0)));
    expect(resized.length).toBe((size[0] ?? 0) * (size[1] ?? 0));
    expect(Math.max(...worst) / 255).toBeLessThan(1e-5);
  });
}

test("two values stretched to four keep the ends and put quarters between", () => {
  expect([...resizeBilinear([0, 8], [1, 2], [1, 4])]).toEqual([0, 2, 6, 8]);
});

test("height and width are not mixed up", () => {
  expect([...resizeBilinear([0, 8], [2, 1], [4, 1])]).toEqual([0, 2, 6, 8]);
  expect([...resizeBilinear([1, 2, 3, 4, 5, 6], [3, 2], [3, 2])]).toEqual([1, 2, 3, 4, 5, 6]);
});
