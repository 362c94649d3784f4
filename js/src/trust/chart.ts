import { element, setText } from "../controls/element";

const svg = "http://www.w3.org/2000/svg";
const [width, height, edge] = [320, 150, 6];
const dashes = ["", "7 4", "2 3"] as const;

export interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

interface Shown {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The least and the greatest value that there is room for. */
  readonly ends: readonly [number, number];
  readonly endTexts: readonly [string, string];
  /** The step of the dot. */
  readonly step: number;
  /** What stands at a step, in words. */
  readonly said: (step: number) => string;
}

export interface Chart {
  readonly element: HTMLElement;
  show(state: Shown): void;
}

/** A few lines over the same steps; a dot at one of them, and under the pointer the values are read out. */
export function chart(hook: string, signal: AbortSignal): Chart {
  const [title, readout] = [element("figcaption", {}), element("p", { class: "xcnn-hint" })];
  const drawing = part("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const legend = element("ul", { class: "xcnn-legend" });
  const [high, low] = [element("span", {}), element("span", {})];
  const scale = element("div", { class: "xcnn-chart-scale", "aria-hidden": "true" }, high, low);
  const root = element(
    "figure",
    { class: "xcnn-chart", "data-xcnn": hook },
    title,
    element("div", { class: "xcnn-chart-room" }, scale, drawing),
    legend,
    readout,
  );
  let current: Shown | null = null;
  const say = (step: number) => setText(readout, current ? current.said(step) : "");
  drawing.addEventListener(
    "pointermove",
    (event) => {
      const box = drawing.getBoundingClientRect();
      const last = (current?.lines[0]?.values.length ?? 1) - 1;
      const share = (((event.clientX - box.left) / box.width) * width - edge) / (width - 2 * edge);
      say(Math.min(last, Math.max(0, Math.round(share * last))));
    },
    { signal },
  );
  drawing.addEventListener("pointerleave", () => current && say(current.step), { signal });
  return {
    element: root,
    show(state) {
      current = state;
      const { lines, ends, step } = state;
      const last = Math.max(1, (lines[0]?.values.length ?? 1) - 1);
      const x = (at: number) => edge + (at / last) * (width - 2 * edge);
      const spread = ends[1] - ends[0] || 1;
      const y = (value: number) =>
        height - edge - ((value - ends[0]) / spread) * (height - 2 * edge);
      const rule = part("line", {
        x1: x(step),
        x2: x(step),
        y1: 0,
        y2: height,
        class: "xcnn-rule",
      });
      const drawn = lines.map(({ values }, i) =>
        part("polyline", {
          points: values.map((value, at) => `${x(at)},${y(value)}`).join(" "),
          class: `xcnn-line xcnn-line-${i}`,
          "stroke-dasharray": dashes[i] ?? "",
        }),
      );
      const dots = lines.map(({ values }, i) =>
        part("circle", {
          cx: x(step),
          cy: y(values[step] ?? ends[0]),
          r: 4,
          class: `xcnn-dot xcnn-line-${i}`,
        }),
      );
      drawing.replaceChildren(rule, ...drawn, ...dots);
      drawing.setAttribute("aria-label", `${state.title}. ${state.said(step)}`);
      setText(title, state.title);
      setText(low, state.endTexts[0]);
      setText(high, state.endTexts[1]);
      legend.hidden = lines.length < 2;
      legend.replaceChildren(...lines.map(({ name }, i) => element("li", {}, swatch(i), name)));
      say(step);
    },
  };
}

function swatch(i: number): SVGElement {
  const drawn = part("svg", { viewBox: "0 0 28 8", class: "xcnn-swatch", "aria-hidden": "true" });
  drawn.append(
    part("line", {
      x1: 0,
      x2: 28,
      y1: 4,
      y2: 4,
      class: `xcnn-line xcnn-line-${i}`,
      "stroke-dasharray": dashes[i] ?? "",
    }),
  );
  return drawn;
}

function part(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(svg, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
