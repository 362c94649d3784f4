import { element } from "../controls/element";
import { choose, follow } from "../controls/model";
import { folding } from "./folding";
import type { Metric, Model, Numbers } from "./traits";

interface Meaning {
  readonly label: string;
  readonly better: "higher" | "lower";
  readonly meaning: string;
}

export const metricMeanings: Readonly<Record<Metric, Meaning>> = {
  deletion: {
    label: "Deletion",
    better: "lower",
    meaning: "Area under what the model says while the hottest pixels are removed first.",
  },
  insertion: {
    label: "Insertion",
    better: "higher",
    meaning: "Area under what it says while the hottest pixels are given back first.",
  },
  road: {
    label: "ROAD",
    better: "higher",
    meaning:
      "Removing cold pixels against removing hot ones, each filled in from around; 0 is chance.",
  },
  randomisation: {
    label: "Randomisation",
    better: "lower",
    meaning: "Size of the rank correlation with the map of the network with random weights.",
  },
};

export const metricNames = Object.keys(metricMeanings) as readonly Metric[];

/** What the orders by them are called. */
export const metricOrders: Readonly<Record<Metric, string>> = {
  deletion: "Worst deletion first",
  insertion: "Worst insertion first",
  road: "Worst ROAD first",
  randomisation: "Worst randomisation first",
};

/** The metrics that have a column: only pictures are measured. */
export function shownMetrics(model: Model): readonly Metric[] {
  return model.get("rows") === "pictures" ? (model.get("metrics") ?? []) : [];
}

/** What is measured of the maps. */
export function metricsPanel(model: Model, signal: AbortSignal): HTMLElement {
  const panel = folding("Metrics", metricBoxes(model, signal));
  follow(
    model,
    ["rows", "_metrics_offered"],
    () => {
      const offered = model.get("_metrics_offered") ?? metricNames;
      panel.hidden = model.get("rows") !== "pictures" || offered.length === 0;
    },
    signal,
  );
  return panel;
}

/** Metrics as tick boxes, each with what it says. */
function metricBoxes(model: Model, signal: AbortSignal): HTMLElement {
  const boxes = metricNames.map((name) => {
    const { label, better, meaning } = metricMeanings[name];
    const input = element("input", { type: "checkbox", "data-xcnn": `metric-${name}` });
    const text = element("span", { class: "xcnn-class-name" }, `${label}, ${better} is better`);
    const about = element("p", { class: "xcnn-hint xcnn-about" }, meaning);
    input.addEventListener(
      "change",
      () => {
        const others = (model.get("metrics") ?? []).filter((one) => one !== name);
        choose(model, { metrics: input.checked ? [...others, name] : others });
      },
      { signal },
    );
    return { name, input, about, label: element("label", { title: meaning }, input, text) };
  });
  const list = element(
    "div",
    { class: "xcnn-boxes xcnn-family", role: "group", "aria-label": "Metrics" },
    ...boxes.flatMap(({ label, about }) => [label, about]),
  );
  follow(
    model,
    ["metrics", "_metrics_offered"],
    () => {
      const offered = model.get("_metrics_offered") ?? metricNames;
      for (const { name, input, about, label } of boxes) {
        input.checked = model.get("metrics")?.includes(name) ?? false;
        label.hidden = !offered.includes(name);
        about.hidden = !input.checked || label.hidden;
      }
    },
    signal,
  );
  return list;
}

/** The head of a metric's column, of several models of one: it sorts by the first method's numbers, the worst first. */
export function metricHead(
  metric: Metric,
  of: string,
  sort: (metric: Metric) => void,
): HTMLElement {
  const { label, better, meaning } = metricMeanings[metric];
  const button = element(
    "button",
    {
      type: "button",
      "data-xcnn": `sort-${metric}`,
      title: `${meaning} Sort by the first method's, the worst first.`,
    },
    label,
  );
  button.addEventListener("click", () => sort(metric));
  return element(
    "div",
    { role: "columnheader", class: "xcnn-metric" },
    button,
    element("div", { class: "xcnn-hint" }, `${better} is better`),
    ...(of ? [element("div", { class: "xcnn-hint" }, `maps of ${of}`)] : []),
  );
}

/** Say by which metric the rows are sorted. */
export function markSorted(head: HTMLElement, metric: Metric, order: string): void {
  const direction = metricMeanings[metric].better === "higher" ? "ascending" : "descending";
  if (order === metric) head.setAttribute("aria-sort", direction);
  else head.removeAttribute("aria-sort");
}

interface Named {
  readonly name: string;
  readonly label: string;
}

/** What a metric says of each method's map of a row. */
export function writeNumbers(
  cell: HTMLElement,
  metric: Metric,
  methods: readonly Named[],
  numbers: Numbers | undefined,
): void {
  const told = numbers?.[metric];
  const lines = methods.map(({ name, label }) => {
    const number = told?.[name];
    const text = number === undefined ? "…" : number === null ? "none" : number.toFixed(3);
    return [label, text] as const;
  });
  const wanted = JSON.stringify(lines);
  if (cell.dataset.told === wanted) return;
  cell.dataset.told = wanted;
  cell.replaceChildren(
    ...lines.map(([label, text]) =>
      element(
        "p",
        { class: "xcnn-number" },
        element("span", { class: "xcnn-hint" }, label),
        element("span", { "data-xcnn": `number-${metric}` }, text),
      ),
    ),
  );
}
