import { expect, test } from "vitest";
import { type Blend, colourStrip, colourTable } from "../../src/pixels/colour";
import { overlayPixels } from "../../src/pixels/compose";
import type { Size } from "../../src/pixels/decode";
import { coloursOf } from "../../src/pixels/in_colour";
import { centred, type Paint, painted } from "../../src/pixels/painting";
import type { Style } from "../../src/pixels/styles";
import golden from "../golden/paint.json";

const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const floats = (text: string) => new Float32Array(bytes(text).buffer);

/** RGB as it is stored to RGBA as a canvas takes it. */
function rgba(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (rgb[Math.floor(i / 4) * 3 + (i % 4)] as number),
  );
}

const table = colourTable(bytes(golden.table));
const picture = rgba(bytes(golden.picture));

for (const { look, overlay, bar } of golden.overlays) {
  const known = { ...look, blend: look.blend as Blend, table };
  test(`an overlay ${JSON.stringify(look)} is Python's to the grey level`, () => {
    expect(overlayPixels(picture, floats(golden.heatmap), known)).toEqual(rgba(bytes(overlay)));
  });
  test(`its colour bar ${JSON.stringify(look)} is Python's to the grey level`, () => {
    expect(colourStrip(table, 0, known)).toEqual(rgba(bytes(bar)));
  });
}

/** Off by how many grey levels at most. */
function distance(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  return one.reduce((most, level, i) => Math.max(most, Math.abs(level - (other[i] as number))), 0);
}

function paintIn(style: Style): Paint {
  const size = golden.size as unknown as Size;
  const heat = { size, values: floats(golden.heatmap), low: 0, high: 1 };
  const signed = centred({ size, values: floats(golden.signed), low: 0, high: 1 });
  const most = floats(golden.signed).reduce((far, value) => Math.max(far, Math.abs(value)), 0);
  const shares = floats(golden.signed).map((value) => 0.5 + value / (2 * most));
  const heatmap = style === "positive and negative" ? { ...signed, values: shares } : heat;
  const colours = style === "in colour" ? coloursOf(bytes(golden.colours), 3) : null;
  return { style, heatmap, colours, ends: heatmap, note: "" };
}

for (const { style, look, alone, covering } of golden.painted) {
  const known = {
    ...look,
    blend: look.blend as Blend,
    opacity: 0.6,
    levels: [0.25, 0.5, 0.75],
    table,
    diverging: colourTable(bytes(golden.diverging)),
  };
  test(`${style} ${JSON.stringify(look)} is painted as Python paints it`, () => {
    const paint = paintIn(style as Style);
    const out = () => new Uint8ClampedArray(picture.length);
    expect(distance(painted("overlay", picture, paint, known, out()), rgba(bytes(covering)))).toBe(
      0,
    );
    expect(distance(painted("heatmap", picture, paint, known, out()), rgba(bytes(alone)))).toBe(0);
  });
}
