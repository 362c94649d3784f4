import { colourTable } from "../pixels/colour";
import { usualLevels } from "../pixels/contours";
import type { Style } from "../pixels/styles";
import type { TileLook } from "./tile";
import type { Model } from "./traits";

/** How every tile is painted. */
export interface AskedLook extends TileLook {
  /** Null is each method's usual way. */
  readonly asked: Style | null;
}

export function tileLook(model: Model): AskedLook {
  return {
    display: model.get("display"),
    opacity: model.get("opacity"),
    blend: model.get("blend") ?? "even",
    threshold: 0,
    topShare: 1,
    levels: usualLevels,
    table: colourTable(model.get("_colormaps")[model.get("colormap")]),
    diverging: colourTable(model.get("_diverging")),
    asked: model.get("painted") ?? null,
  };
}
