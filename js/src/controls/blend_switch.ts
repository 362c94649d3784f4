import type { Blend } from "../pixels/colour";
import type { Control } from "./control";
import { switchRow } from "./switch_row";

/** Whether an overlay is as strong as its values. */
export function blendSwitch(
  change: (blend: Blend) => void,
  signal: AbortSignal,
): Control<{ readonly blend: Blend; readonly disabled: boolean }> {
  const row = switchRow({
    label: "Blend",
    text: "By heat",
    meaning:
      "On: an overlay is as strong as its values, so that a cold place shows the picture. Off: it is equally strong everywhere.",
    hook: "blend",
    change: (on) => change(on ? "by heat" : "even"),
    signal,
  });
  const input = row.element.querySelector("input");
  return {
    element: row.element,
    show({ blend, disabled }) {
      row.show(blend === "by heat");
      if (input) input.disabled = disabled;
    },
  };
}
