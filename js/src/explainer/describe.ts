import type { ShownPair } from "./shown_pair";
import type { AttributionMap, Method } from "./traits";

export type Pane = "overlay" | "heatmap" | "picture";

/** What a canvas shows, for those who do not see it. */
export function describePane(
  pane: Pane,
  { picture, map }: ShownPair,
  methods: readonly Method[],
): string {
  const [height, width] = picture.size;
  if (pane === "picture") return `Picture ${picture.name}, ${width} by ${height} pixels`;
  if (!map) return `Picture ${picture.name}, no heatmap yet`;
  const how = pane === "overlay" ? "Overlay of" : "Heatmap of";
  return `${how} ${describeMap(map, methods)} on picture ${picture.name}`;
}

/** `Grad-CAM of 'Egyptian cat' (class 285) at layer4`. */
function describeMap(map: AttributionMap, methods: readonly Method[]): string {
  const layer = map.layer === null ? "" : ` at ${map.layer}`;
  return `${methodLabel(map.method, methods)} of '${map.target.name}' (class ${map.target.index})${layer}`;
}

export function methodLabel(name: string, methods: readonly Method[]): string {
  return methods.find((method) => method.name === name)?.label ?? name;
}

/** A file name that every file system takes: picture, method, layer and class, joined by dashes. */
export function fileName(pane: string, { picture, map }: ShownPair): string {
  const stem = picture.name.replace(/^.*[/\\]/, "").replace(/\.[A-Za-z0-9]{1,5}$/, "");
  const parts = [stem];
  if (map && pane !== "picture") parts.push(map.method, map.layer ?? "", map.target.name);
  const safe = parts
    .map((part) => part.replace(/[^\p{L}\p{N}._]+/gu, "_").replace(/^[._]+|[._]+$/g, ""))
    .filter((part) => part !== "")
    .map((part) => part.slice(0, 60));
  return `${safe.join("-") || "xcnn"}.png`;
}
