import { type ColourBar, colourBar } from "../controls/colour_bar";
import { element } from "../controls/element";
import type { Strip } from "../pixels/colour";
import type { Range } from "./column_ranges";
import type { Method, Rows } from "./traits";

interface Shown {
  readonly kind: Rows;
  readonly methods: readonly Method[];
  /** The range of each column, `null` where its maps share none. */
  readonly ranges: readonly (Range | null)[];
  readonly strip: Strip;
}

/** The row of column headers, each method with a colour bar where its maps share one range. */
export function heads(): { readonly element: HTMLElement; show(shown: Shown): void } {
  const line = element("div", { role: "row", class: "xcnn-entry xcnn-heads", "aria-rowindex": 1 });
  let bars: readonly ColourBar[] = [];
  let laid = "";
  const lay = ({ kind, methods }: Shown) => {
    bars = methods.map(colourBar);
    const titles = { pictures: ["Name", "Picture"], layers: ["Layer"], classes: ["Class"] }[kind];
    const columns = [
      ...titles.map((title) => columnHead(title)),
      ...methods.map(({ label }, i) => columnHead(label, bars[i]?.element)),
    ];
    for (const [i, column] of columns.entries()) {
      column.setAttribute("aria-colindex", String(i + 1));
    }
    line.replaceChildren(...columns);
  };
  return {
    element: line,
    show(shown) {
      const wanted = JSON.stringify([shown.kind, shown.methods]);
      if (wanted !== laid) lay(shown);
      laid = wanted;
      for (const [i, bar] of bars.entries()) {
        const range = shown.ranges[i];
        bar.show(range ? { range, strips: [shown.strip] } : null);
      }
    },
  };
}

function columnHead(title: string, bar?: HTMLElement): HTMLElement {
  const text = element("div", { class: "xcnn-title", title }, title);
  return element("div", { role: "columnheader" }, text, ...(bar ? [bar] : []));
}
