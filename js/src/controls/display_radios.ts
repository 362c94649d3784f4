import type { Control } from "./control";
import { segments } from "./segments";

export type Display = "overlay" | "heatmap" | "picture" | "side_by_side";

const labels: Readonly<Record<Display, string>> = {
  overlay: "Overlay",
  heatmap: "Heatmap",
  picture: "Picture",
  side_by_side: "All three",
};

/** What the view shows: all of it, or those that are offered. */
export function displayRadios<D extends Display = Display>(
  choose: (display: D) => void,
  signal: AbortSignal,
  offered: readonly D[] = Object.keys(labels) as D[],
): Control<D> {
  return segments({
    label: "Show",
    hook: "display",
    choices: offered.map((value) => ({ value, label: labels[value] })),
    choose: (value) => choose(value as D),
    signal,
  });
}
