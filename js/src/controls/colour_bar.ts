import type { Strip } from "../pixels/colour";
import { element, setText } from "./element";
import { scaleTexts } from "./number_text";

interface Shown {
  /** The true values of its two ends. */
  readonly range: { readonly low: number; readonly high: number };
  /** Its colours, one strip below the other. */
  readonly strips: readonly Strip[];
  /** What to know of the values; usually empty. */
  readonly note?: string;
}

export interface ColourBar {
  readonly element: HTMLElement;
  /** Null where there is nothing to tell the values of. */
  show(shown: Shown | null): void;
  /** Mark a value in [0, 1] on the bar, or none. */
  mark(share: number | null): void;
}

/** The colours that are painted, and the true values that they stand for. */
export function colourBar(): ColourBar {
  const canvas = element("canvas", { width: 256, height: 1, "aria-hidden": "true" });
  const tick = element("span", { class: "xcnn-tick", hidden: true });
  const [low, middle, high] = [element("span"), element("span"), element("span")];
  const note = element("div", { class: "xcnn-hint", "aria-hidden": "true" });
  const bar = element(
    "div",
    { class: "xcnn-colourbar", role: "img", "data-xcnn": "colourbar" },
    element("div", { class: "xcnn-colours" }, canvas, tick),
    element("div", { class: "xcnn-values", "aria-hidden": "true" }, low, middle, high),
    note,
  );
  return {
    element: bar,
    show(shown) {
      bar.hidden = shown === null;
      if (!shown) return;
      const { range, strips, note: said = "" } = shown;
      if (canvas.height !== strips.length) canvas.height = strips.length;
      for (const [row, strip] of strips.entries()) {
        canvas.getContext("2d")?.putImageData(new ImageData(strip, 256, 1), 0, row);
      }
      const ends = scaleTexts([range.low, (range.low + range.high) / 2, range.high]);
      setText(note, said);
      const constant = range.low === range.high;
      setText(low, constant ? `${ends[0]} everywhere` : (ends[0] ?? ""));
      setText(middle, constant ? "" : (ends[1] ?? ""));
      setText(high, constant ? "" : (ends[2] ?? ""));
      bar.setAttribute(
        "aria-label",
        constant
          ? `Colour bar: the attribution is ${ends[0]} everywhere`
          : `Colour bar: attribution from ${ends[0]} to ${ends[2]}${said && `, ${said}`}`,
      );
    },
    mark(share) {
      tick.hidden = share === null;
      tick.style.left = `${100 * (share ?? 0)}%`;
    },
  };
}
