import type { Grid, Heatmap } from "../pixels/heatmap";
import { heatmapOf } from "../pixels/heatmap";
import { decoded, type Pixels } from "../pixels/picture";
import type { AttributionMap, Model, Picture } from "./traits";
import { follow } from "./traits";

/** What is on screen: a picture, and the map that belongs to it when it is there. */
export interface ShownPair {
  readonly picture: Picture;
  readonly pixels: Pixels;
  readonly map: AttributionMap | null;
  readonly heatmap: Heatmap | null;
  /** Why the picture's map cannot be painted, empty when it can. */
  readonly misfit: string;
}

/**
 * Follow the model's picture and map and call `changed` with each new pair. A map is never paired
 * with another picture: a map that comes first waits for its picture behind the last good pair, a
 * picture that comes first is shown alone.
 */
export function followPair(
  model: Model,
  changed: (pair: ShownPair | null, trouble: string) => void,
  signal: AbortSignal,
): void {
  let shown: ShownPair | null = null;
  const update = () => {
    const picture = model.get("_picture");
    if (!picture) {
      shown = null;
      return changed(null, "");
    }
    const pixels = decoded(picture.data);
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
    shown = pair(picture, pixels, belongs ? map : null);
    changed(shown, shown.misfit);
  };
  follow(model, ["_picture", "_map"], update, signal);
}

function pair(picture: Picture, pixels: Pixels, map: AttributionMap | null): ShownPair {
  if (!map) return { picture, pixels, map: null, heatmap: null, misfit: "" };
  const [height, width] = pixels.size;
  if (map.size[0] !== height || map.size[1] !== width) {
    const misfit = `The map is for ${map.size.join(" × ")} pixels, the picture has ${height} × ${width}.`;
    return { picture, pixels, map: null, heatmap: null, misfit };
  }
  try {
    return { picture, pixels, map, heatmap: cachedHeatmap(map), misfit: "" };
  } catch (cause) {
    const misfit = `The map cannot be read: ${cause instanceof Error ? cause.message : cause}.`;
    return { picture, pixels, map: null, heatmap: null, misfit };
  }
}

const heatmaps = new WeakMap<Grid, Heatmap>();

/** Upsampled once for each map, however often the look changes and however many views there are. */
function cachedHeatmap(map: AttributionMap): Heatmap {
  const heatmap = heatmaps.get(map) ?? heatmapOf(map);
  heatmaps.set(map, heatmap);
  return heatmap;
}
