import { countText } from "../controls/number_text";
import type { ShownPair, Slice } from "./shown_pair";
import type { AttributionMap, Method } from "./traits";

export type Pane = "overlay" | "heatmap" | "picture";

/** What a canvas shows, for those who do not see it. */
export function describePane(
  pane: Pane,
  { picture, pixels, map, signal, slice }: ShownPair,
  methods: readonly Method[],
): string {
  const [height, width] = pixels.size;
  const kind = signal ? "signal" : slice ? "volume" : "picture";
  const which = `${picture.name}${slice ? `, ${sliceText(slice)}` : ""}`;
  if (pane !== "picture" && map) {
    const how = pane === "overlay" ? "Overlay of" : "Heatmap of";
    return `${how} ${describeMap(map, methods)} on ${kind} ${which}`;
  }
  const named = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${which}`;
  if (pane !== "picture") return `${named}, no heatmap yet`;
  if (!signal) return `${named}, ${width} by ${height} pixels`;
  const lines = signal.lines.length === 1 ? "1 line" : `${signal.lines.length} lines`;
  return `${named}, ${lines} of ${countText(width)} values`;
}

/** `slice 8 of 16`, counted from 1. */
export function sliceText({ place, depth }: Slice): string {
  return `slice ${place + 1} of ${depth}`;
}

/** `Grad-CAM of 'Egyptian cat' (class 285) at layer4`. */
function describeMap(map: AttributionMap, methods: readonly Method[]): string {
  const layer = map.layer === null ? "" : ` at ${map.layer}`;
  return `${methodLabel(map.method, methods)} of '${map.target.name}' (class ${map.target.index})${layer}`;
}

export function methodLabel(name: string, methods: readonly Method[]): string {
  return methods.find((method) => method.name === name)?.label ?? name;
}

/** A file name without its ending that every file system takes: picture, method, layer and class, joined by dashes. */
export function fileName(pane: string, { picture, map, slice }: ShownPair): string {
  const stem = picture.name.replace(/^.*[/\\]/, "").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const parts = [stem];
  if (map && pane !== "picture") parts.push(map.method, map.layer ?? "", map.target.name);
  if (slice) parts.push(`slice_${slice.place + 1}`);
  const safe = parts
    .map((part) => part.replace(/[^\p{L}\p{N}._]+/gu, "_").replace(/^[._]+|[._]+$/g, ""))
    .filter((part) => part !== "")
    .map((part) => part.slice(0, 60));
  return safe.join("-") || "xcnn";
}
