import { valueText } from "../controls/number_text";
import { type Prediction, saidText } from "../controls/prediction";
import type { Look, Method, Row, RowMap } from "./traits";

/** What a tile shows, for those who do not see it. */
export function describeTile(
  method: Method,
  map: RowMap,
  row: Row,
  display: Look["display"],
): string {
  const how = display === "overlay" ? "Overlay" : "Heatmap";
  const at = map.own_layer ?? map.layer;
  const layer = at === null ? "" : ` at ${at}`;
  const { name, index } = map.target;
  const [low, high] = map.range.map(valueText);
  return `${how} of ${method.label} of '${name}' (class ${index})${layer} on picture ${row.name}, from ${low} to ${high}`;
}

/** `Egyptian cat 76.9%` */
export function classText(said: Prediction): string {
  return `${said.name} ${saidText(said)}`.trimEnd();
}

export const disagreementMeaning =
  "Disagreement is one minus the rank correlation of two methods' heatmaps: 0 where they rank all places alike, 1 where they have nothing in common, 2 where they are opposite.";
