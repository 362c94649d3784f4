import type { ColourBar } from "../controls/colour_bar";
import { element, setText } from "../controls/element";
import { valueText } from "../controls/number_text";
import { type Heatmap, valueAt } from "../pixels/heatmap";
import { type CursorCause, followCursor } from "./cursor";
import type { Cursor, PaneView } from "./pane";

const hint = "To read values, point at the picture or press arrow keys on it.";

/** The value of one pixel, chosen with the pointer or the arrow keys on any of the panes. */
export function readout(
  panes: readonly PaneView[],
  bar: ColourBar,
  signal: AbortSignal,
): { readonly element: HTMLElement; show(heatmap: Heatmap | null): void } {
  const line = element("p", { class: "xcnn-readout", "data-xcnn": "readout" }, hint);
  let heatmap: Heatmap | null = null;
  let at: Cursor | null = null;
  let pointed: PaneView | null = null;

  const read = () => {
    const value = at && heatmap ? valueAt(heatmap, at.x, at.y) : null;
    for (const pane of panes) pane.mark(pane === pointed ? null : at);
    bar.mark(value === null || !heatmap ? null : share(value, heatmap));
    const where = at ? `x ${at.x}, y ${at.y}` : hint;
    setText(line, value === null ? where : `${where}: ${valueText(value)}`);
    line.classList.toggle("xcnn-reading", at !== null);
  };
  for (const pane of panes) {
    const moved = (to: Cursor | null, cause: CursorCause) => {
      at = to;
      pointed = cause === "pointer" ? pane : null;
      // a screen reader hears the value that was asked for, not every one that a mouse passes
      line.setAttribute("aria-live", cause === "keys" ? "polite" : "off");
      read();
    };
    followCursor(pane.canvas, moved, signal);
  }
  return {
    element: line,
    show(next) {
      const resized = heatmap && next && String(heatmap.size) !== String(next.size);
      heatmap = next;
      if (resized) at = null;
      read();
    },
  };
}

function share(value: number, { low, high }: Heatmap): number {
  return high > low ? (value - low) / (high - low) : 0;
}
