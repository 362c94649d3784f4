/** A value in three significant digits, as short as it can be read: `0.0123`, `1.20e-7`, `1,234`. */
export function valueText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

/** Values of one scale, all with as many decimals as the largest needs. */
export function scaleTexts(values: readonly number[]): string[] {
  const size = Math.max(...values.map(Math.abs));
  if (!(size >= 1e-3 && size < 1000)) return values.map(valueText);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return values.map((value) => (value === 0 ? "0" : value.toFixed(decimals)));
}

/** A probability: `76.9%`, `<0.1%`. */
export function percentText(probability: number): string {
  if (!Number.isFinite(probability)) return "–";
  if (probability > 0 && probability < 0.001) return "<0.1%";
  return `${(100 * probability).toFixed(1)}%`;
}

/** A count with its thousands marked. */
export function countText(count: number): string {
  return count.toLocaleString("en");
}
