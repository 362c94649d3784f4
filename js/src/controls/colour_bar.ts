import type { Strip } from "../pixels/colour";
import { element, setText } from "./element";
import { scaleTexts } from "./number_text";

interface Shown {
  /** The true values of its two ends; no bar without them. */
  readonly range: { readonly low: number; readonly high: number } | null;
  /** Its colours, one strip below the other. */
  readonly strips: readonly Strip[];
}

export interface ColourBar {
  readonly element: HTMLElement;
  show(shown: Shown): void;
  /** Mark a value in [0, 1] on the bar, or none. */
  mark(share: number | null): void;
}

/** The colours that are painted, and the true values that they stand for. */
export function colourBar(): ColourBar {
  const canvas = element("canvas", { width: 256, height: 1, "aria-hidden": "true" });
  const tick = element("span", { class: "xcnn-tick", hidden: true });
  const [low, middle, high] = [element("span"), element("span"), element("span")];
  const bar = element(
    "div",
    { class: "xcnn-colourbar", role: "img", "data-xcnn": "colourbar" },
    element("div", { class: "xcnn-colours" }, canvas, tick),
    element("div", { class: "xcnn-values", "aria-hidden": "true" }, low, middle, high),
  );
  return {
    element: bar,
    show({ range, strips }) {
      bar.hidden = range === null;
      if (!range) return;
      if (canvas.height !== strips.length) canvas.height = strips.length;
      for (const [row, strip] of strips.entries()) {
        canvas.getContext("2d")?.putImageData(new ImageData(strip, 256, 1), 0, row);
      }
      const ends = scaleTexts([range.low, (range.low + range.high) / 2, range.high]);
      const constant = range.low === range.high;
      setText(low, constant ? `${ends[0]} everywhere` : (ends[0] ?? ""));
      setText(middle, constant ? "" : (ends[1] ?? ""));
      setText(high, constant ? "" : (ends[2] ?? ""));
      bar.setAttribute(
        "aria-label",
        constant
          ? `Colour bar: the attribution is ${ends[0]} everywhere`
          : `Colour bar: attribution from ${ends[0]} to ${ends[2]}`,
      );
    },
    mark(share) {
      tick.hidden = share === null;
      tick.style.left = `${100 * (share ?? 0)}%`;
    },
  };
}
