import type { Bytes, Size } from "../pixels/decode";
import {
  type Attribution,
  colourBytes,
  heatBytes,
  levelsFrom,
  signedBytes,
  times,
  valuesOf,
} from "../pixels/made";
import type { Parts } from "../pixels/styles";
import { type Encoding, unpacked, unpackedMap } from "./packing";

/** An attribution as Python saves it; `base` is the place of the one whose levels it is told beside. */
export interface SavedAttribution {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly scale: number;
  readonly base: number | null;
  readonly data: Bytes;
  readonly encoding: Encoding;
}

interface Grid {
  readonly data: Bytes;
  readonly encoding: Encoding | "made";
  readonly shape: readonly number[];
  readonly range: readonly [low: number, high: number];
}

/** A map that was saved: with its pixels, or with what they are made of. */
export interface SavedMap extends Parts {
  readonly data: Bytes;
  readonly encoding: Encoding | "made";
  readonly shape: readonly number[];
  readonly range: readonly [low: number, high: number];
  readonly layer: string | null;
  /** The place of the attribution that it is made from. */
  readonly attribution?: number;
  /** Grad-CAM, where it is not saved by itself. */
  readonly cam?: Grid;
}

/** What maps are made from. */
export interface Sources {
  readonly attributions: readonly SavedAttribution[] | undefined;
  /** Grad-CAM of the same picture, layer and class. */
  readonly cam: () => SavedMap | undefined;
}

/** A map's pixels, and those of what else it is painted with. */
export async function pixelsOf(
  saved: SavedMap,
  { attributions, cam: savedCam }: Sources,
): Promise<Parts & { readonly data: Bytes }> {
  const { data, encoding, colour, signed, attribution: place } = saved;
  if (encoding !== "made") {
    const packed = { data, encoding, ...(colour && { colour }), ...(signed && { signed }) };
    return unpackedMap(packed);
  }
  let made = await attributionAt(attributions ?? [], place);
  if (saved.layer !== null) {
    const grid = saved.cam ?? savedCam();
    if (!grid) throw new Error("its Grad-CAM is not there");
    made = times(made, await gridOf(grid));
  }
  return {
    data: heatBytes(made, saved.range),
    ...(colour && { colour: { ...colour, data: colourBytes(made, colour.clip) } }),
    ...(signed && { signed: { ...signed, data: signedBytes(made, signed.range) } }),
  };
}

async function attributionAt(
  attributions: readonly SavedAttribution[],
  place: number | undefined,
): Promise<Attribution> {
  const saved = savedAt(attributions, place);
  const [channels, height, width] = saved.shape;
  const values = valuesOf(await levelsAt(attributions, saved), saved.scale);
  return { channels, size: [height, width], values };
}

const kept = new WeakMap<SavedAttribution, Promise<Int16Array>>();

/** Unpacked once. */
function levelsAt(
  attributions: readonly SavedAttribution[],
  saved: SavedAttribution,
): Promise<Int16Array> {
  const known = kept.get(saved) ?? unpackLevels(attributions, saved);
  kept.set(saved, known);
  return known;
}

async function unpackLevels(
  attributions: readonly SavedAttribution[],
  saved: SavedAttribution,
): Promise<Int16Array> {
  const [channels, height, width] = saved.shape;
  const first =
    saved.base === null ? null : await levelsAt(attributions, savedAt(attributions, saved.base));
  return levelsFrom(await unpacked(saved), channels * height * width, first);
}

function savedAt(
  attributions: readonly SavedAttribution[],
  place: number | undefined,
): SavedAttribution {
  const saved = attributions[place ?? -1];
  if (!saved) throw new Error("what it is made from is not there");
  return saved;
}

async function gridOf(grid: Grid): Promise<{ values: Float32Array; shape: Size }> {
  const [low, high] = grid.range;
  const values = Float32Array.from(
    await unpacked({ data: grid.data, encoding: grid.encoding as Encoding }),
    (level) => low + (level / 255) * (high - low),
  );
  return { values, shape: grid.shape as Size };
}
