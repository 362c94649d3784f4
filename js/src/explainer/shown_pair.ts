import type { Size } from "../pixels/decode";
import { type Heatmap, heatmapOf } from "../pixels/heatmap";
import { decoded, type Pixels, sliceOf } from "../pixels/picture";
import { type Signal, signalOf } from "../pixels/signal";
import { type VolumeGrid, type VolumeHeatmap, volumeHeatmap } from "../pixels/volume";
import type { AttributionMap, Model, Picture } from "./traits";
import { follow } from "./traits";

/** What is on screen: a picture, and the map that belongs to it when it is there. */
export interface ShownPair {
  readonly picture: Picture;
  /** Those of a picture or a slice; a signal has a size of 1 by its length, and no pixels. */
  readonly pixels: Pixels;
  readonly map: AttributionMap | null;
  readonly heatmap: Heatmap | null;
  /** Why the picture's map cannot be painted, empty when it can. */
  readonly misfit: string;
  readonly signal: Signal | null;
  /** Which one of a volume it is. */
  readonly slice: Slice | null;
}

export interface Slice {
  readonly place: number;
  readonly depth: number;
  /** The greatest value of the map in each slice, in [0, 1]; none without a map. */
  readonly peaks: Float32Array | null;
}

/** A picture with its map, a signal with its own, or one such pair for each slice of a volume. */
export interface ShownPairs {
  readonly picture: Picture;
  readonly misfit: string;
  at(slice: number): ShownPair;
}

/**
 * Follow the model's picture and map and call `changed` with each new pair. A map is never paired
 * with another picture: a map that comes first waits for its picture behind the last good pair, a
 * picture that comes first is shown alone.
 */
export function followPair(
  model: Model,
  changed: (pairs: ShownPairs | null, trouble: string) => void,
  signal: AbortSignal,
): void {
  let shown: ShownPairs | null = null;
  const update = () => {
    const picture = model.get("_picture");
    if (!picture) {
      shown = null;
      return changed(null, "");
    }
    const pixels = picture.lines ? none(picture) : decoded(picture.data);
    if (pixels instanceof Promise) {
      pixels.then(
        () => {
          if (!signal.aborted && model.get("_picture") === picture) update();
        },
        (cause: unknown) => {
          if (signal.aborted || model.get("_picture") !== picture) return;
          changed(shown, `The picture ${picture.name} could not be decoded: ${String(cause)}`);
        },
      );
      return;
    }
    const map = model.get("_map");
    const belongs = map !== null && map.image_index === picture.index;
    if (!belongs && map !== null && shown?.picture === picture) return;
    shown = pairsOf(picture, pixels, belongs ? map : null);
    changed(shown, shown.misfit);
  };
  follow(model, ["_picture", "_map"], update, signal);
}

function none(picture: Picture): Pixels {
  return { size: [1, picture.size[0] ?? 0], rgba: new Uint8ClampedArray(0) };
}

/** A picture with a map that belongs to it. */
export function pairsOf(picture: Picture, pixels: Pixels, map: AttributionMap | null): ShownPairs {
  const [painted, misfit] = paintable(picture, pixels, map);
  const known = { picture, map: painted, misfit, signal: null, slice: null };
  if (picture.size.length === 3) {
    const [depth, height, width] = picture.size as VolumeGrid["size"];
    const volume = painted && cachedVolume(painted);
    // A change of the look draws the same slice again.
    let last: (ShownPair & { readonly slice: Slice }) | null = null;
    return {
      picture,
      misfit,
      at(slice) {
        const place = Math.min(depth - 1, Math.max(0, slice));
        if (last?.slice.place === place) return last;
        last = {
          ...known,
          pixels: sliceOf(pixels, place, [height, width], picture.columns ?? 1),
          heatmap: volume?.slice(place) ?? null,
          slice: { place, depth, peaks: volume?.peaks ?? null },
        };
        return last;
      },
    };
  }
  const pair = {
    ...known,
    pixels,
    heatmap: painted && cachedHeatmap(painted),
    signal: picture.lines ? signalOf(picture.data, pixels.size[1], picture.lines) : null,
  };
  return { picture, misfit, at: () => pair };
}

/** The map, if it can be painted over its picture; else why it cannot. */
function paintable(
  picture: Picture,
  pixels: Pixels,
  map: AttributionMap | null,
): [AttributionMap | null, string] {
  if (!map) return [null, ""];
  const size = picture.size.length === 2 ? pixels.size : picture.size;
  if (String(map.size) !== String(size)) {
    const found = size.join(" × ");
    return [null, `The map is for ${map.size.join(" × ")} pixels, the picture has ${found}.`];
  }
  try {
    if (map.size.length === 3) cachedVolume(map);
    else cachedHeatmap(map);
    return [map, ""];
  } catch (cause) {
    return [null, `The map cannot be read: ${cause instanceof Error ? cause.message : cause}.`];
  }
}

const heatmaps = new WeakMap<AttributionMap, Heatmap>();
const volumes = new WeakMap<AttributionMap, VolumeHeatmap>();

/** Upsampled once for each map, however often the look changes and however many views there are. */
function cachedHeatmap(map: AttributionMap): Heatmap {
  const row = (sides: readonly number[]) => (sides.length === 1 ? [1, ...sides] : sides) as Size;
  const found =
    heatmaps.get(map) ?? heatmapOf({ ...map, shape: row(map.shape), size: row(map.size) });
  heatmaps.set(map, found);
  return found;
}

function cachedVolume(map: AttributionMap): VolumeHeatmap {
  const found = volumes.get(map) ?? volumeHeatmap(map as unknown as VolumeGrid);
  volumes.set(map, found);
  return found;
}
