import { expect, test } from "vitest";
import { percentText, scaleTexts, valueText } from "../../src/controls/number_text";

test("a value has three significant digits, with a power of ten where zeros would be counted", () => {
  const texts = [0, 0.01234, -2, 123.4, 1234.5, 1.2e-7, -3.456e9, Number.NaN].map(valueText);
  expect(texts).toEqual(["0", "0.0123", "-2.00", "123", "1,235", "1.20e-7", "-3.46e+9", "–"]);
});

test("values of one scale have the same decimals", () => {
  expect(scaleTexts([0.000164, 0.016, 0.0318])).toEqual(["0.0002", "0.0160", "0.0318"]);
  expect(scaleTexts([-12, 0, 12.5])).toEqual(["-12.0", "0", "12.5"]);
  expect(scaleTexts([0, 2e-7])).toEqual(["0", "2.00e-7"]);
});

test("a probability is a percentage, and what is not zero does not read as zero", () => {
  expect([0.769, 1, 0, 0.0004].map(percentText)).toEqual(["76.9%", "100.0%", "0.0%", "<0.1%"]);
});
