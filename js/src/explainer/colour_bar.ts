import { element, setText } from "../controls/element";
import { scaleTexts } from "../controls/number_text";
import { type ColourTable, colourStrip } from "../pixels/colour";
import type { Heatmap } from "../pixels/heatmap";

interface Shown {
  readonly heatmap: Heatmap | null;
  readonly table: ColourTable;
  readonly threshold: number;
}

export interface ColourBar {
  readonly element: HTMLElement;
  show(shown: Shown): void;
  /** Mark a value in [0, 1] on the bar, or none. */
  mark(share: number | null): void;
}

/** The colours and the true values that they stand for; those below the threshold are left out. */
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
    show({ heatmap, table, threshold }) {
      bar.hidden = heatmap === null;
      if (!heatmap) return;
      const strip = new ImageData(colourStrip(table, threshold), 256, 1);
      canvas.getContext("2d")?.putImageData(strip, 0, 0);
      const ends = scaleTexts([heatmap.low, (heatmap.low + heatmap.high) / 2, heatmap.high]);
      const constant = heatmap.low === heatmap.high;
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
