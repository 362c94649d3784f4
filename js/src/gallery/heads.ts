import { type ColourBar, colourBar } from "../controls/colour_bar";
import { element } from "../controls/element";
import type { Strip } from "../pixels/colour";
import type { Range } from "./column_ranges";
import { markSorted, metricHead } from "./measures";
import type { Method, Metric, Rows } from "./traits";

interface Shown {
  readonly kind: Rows;
  readonly methods: readonly Method[];
  readonly metrics: readonly Metric[];
  /** Of several models the one that is measured; else empty. */
  readonly measured: string;
  readonly order: string;
  /** The range of each column, `null` where its maps share none. */
  readonly ranges: readonly (Range | null)[];
  readonly strip: Strip;
}

/** The row of column headers, each method with a colour bar where its maps share one range. */
export function heads(sort: (metric: Metric) => void): {
  readonly element: HTMLElement;
  show(shown: Shown): void;
} {
  const line = element("div", { role: "row", class: "xcnn-entry xcnn-heads", "aria-rowindex": 1 });
  let bars: readonly ColourBar[] = [];
  let measured: readonly (readonly [Metric, HTMLElement])[] = [];
  let laid = "";
  const lay = ({ kind, methods, metrics, measured: of }: Shown) => {
    measured = metrics.map((metric) => [metric, metricHead(metric, of, sort)]);
    bars = methods.map(colourBar);
    const titles = { pictures: ["Name", "Picture"], layers: ["Layer"], classes: ["Class"] }[kind];
    const columns = [
      ...titles.map((title) => columnHead(title)),
      ...methods.map(({ label }, i) => columnHead(label, bars[i]?.element)),
      ...measured.map(([, head]) => head),
    ];
    for (const [i, column] of columns.entries()) {
      column.setAttribute("aria-colindex", String(i + 1));
    }
    line.replaceChildren(...columns);
  };
  return {
    element: line,
    show(shown) {
      const wanted = JSON.stringify([shown.kind, shown.methods, shown.metrics, shown.measured]);
      if (wanted !== laid) lay(shown);
      laid = wanted;
      for (const [metric, head] of measured) markSorted(head, metric, shown.order);
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
