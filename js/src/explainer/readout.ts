import type { ColourBar } from "../controls/colour_bar";
import { element, setText } from "../controls/element";
import { valueText } from "../controls/number_text";
import { type Heatmap, valueAt } from "../pixels/heatmap";
import type { Signal } from "../pixels/signal";
import { type CursorCause, followCursor } from "./cursor";
import type { Cursor, PaneView } from "./pane";

const hint = (what: string) => `To read values, point at the ${what} or press arrow keys on it.`;

/** The value of one pixel, chosen with the pointer or the arrow keys on any of the panes. */
export function readout(
  panes: readonly PaneView[],
  bar: ColourBar,
  signal: AbortSignal,
  /** What is read of several maps at a place. */
  several: (at: Cursor) => string | null = () => null,
): {
  readonly element: HTMLElement;
  /** Where the cursor is; null where it is nowhere. */
  at(): Cursor | null;
  /** Without a bar of the same values none is marked. */
  show(heatmap: Heatmap | null, drawn: Signal | null, marked: ColourBar | null): void;
} {
  const line = element("p", { class: "xcnn-readout", "data-xcnn": "readout" });
  let heatmap: Heatmap | null = null;
  let lines: Signal | null = null;
  let at: Cursor | null = null;
  let isMarked = true;
  let pointed: PaneView | null = null;

  const read = () => {
    const value = at && heatmap ? valueAt(heatmap, at.x, at.y) : null;
    for (const pane of panes) pane.mark(pane === pointed ? null : at);
    bar.mark(value === null || !heatmap || !isMarked ? null : share(value, heatmap));
    const where = at ? place(at, lines) : hint(lines ? "signal" : "picture");
    setText(line, value === null ? where : `${where}: ${(at && several(at)) ?? valueText(value)}`);
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
    followCursor(pane.canvas, moved, signal, pane.size);
  }
  return {
    element: line,
    at: () => at,
    show(next, drawn, marked) {
      isMarked = marked !== null;
      lines = drawn;
      const resized = heatmap && next && String(heatmap.size) !== String(next.size);
      heatmap = next;
      if (resized) at = null;
      read();
    },
  };
}

/** Where the cursor is; on a signal also what is there. */
function place({ x, y }: Cursor, signal: Signal | null): string {
  if (!signal) return `x ${x}, y ${y}`;
  const values = signal.lines.map((line) => valueText(line.values[x] ?? Number.NaN));
  return `Position ${x}, ${values.length === 1 ? "value" : "values"} ${values.join(" ")}; heat`;
}

function share(value: number, { low, high }: Heatmap): number {
  return high > low ? (value - low) / (high - low) : 0;
}
