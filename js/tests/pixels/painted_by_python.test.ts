import { expect, test } from "vitest";
import { type Blend, colourStrip, colourTable } from "../../src/pixels/colour";
import { overlayPixels } from "../../src/pixels/compose";
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
