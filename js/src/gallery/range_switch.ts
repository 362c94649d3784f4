import type { Control } from "../controls/control";
import { switchRow } from "../controls/switch_row";

/** Whether the maps of a column share one range of colours. */
export function rangeSwitch(
  change: (common: boolean) => void,
  signal: AbortSignal,
): Control<boolean> {
  return switchRow({
    label: "Range",
    text: "Common",
    meaning:
      "On: all maps of a column share one range of values. Off: each is stretched over its own.",
    hook: "common-range",
    change,
    signal,
  });
}
