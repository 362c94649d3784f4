import { element, setText } from "../controls/element";
import { choose, follow } from "../controls/model";
import { metricMeanings, shownMetrics } from "./measures";
import type { Model, Trust } from "./traits";

/** What the metrics say of all pictures, asked for by a button: means, intervals, and what they decide. */
export function trustSummary(model: Model, signal: AbortSignal): HTMLElement {
  const ask = element("button", { type: "button", "data-xcnn": "measure-all" });
  ask.addEventListener(
    "click",
    () => choose(model, { _trust_wanted: (model.get("_trust_wanted") ?? 0) + 1 }),
    { signal },
  );
  const body = element("div", { class: "xcnn-trust", "data-xcnn": "trust" });
  const box = element("div", { class: "xcnn-overview" }, ask, body);
  follow(
    model,
    ["_trust", "metrics", "rows", "progress", "_page", "_metrics_offered"],
    () => {
      const found = model.get("_trust") ?? null;
      box.hidden = shownMetrics(model).length === 0;
      ask.hidden = found !== null || model.get("_metrics_offered") !== undefined;
      ask.disabled = model.get("progress") !== null;
      const matches = model.get("_page")?.matches ?? 0;
      setText(ask, `Measure all ${matches} pictures`);
      body.hidden = found === null;
      body.replaceChildren(...(found ? table(found) : []));
    },
    signal,
  );
  return box;
}

function table(found: Trust): HTMLElement[] {
  const { methods, metrics, intervals, sentences, pictures, left_out } = found;
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Method"),
    ...metrics.map((name) => element("th", { scope: "col" }, metricMeanings[name].label)),
  );
  const rows = methods.map((method, i) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, method),
      ...metrics.map((_, j) => element("td", {}, intervalText(intervals[i]?.[j]))),
    ),
  );
  const left = left_out > 0 ? ` ${left_out} could not be measured and are left out.` : "";
  return [
    element(
      "table",
      {},
      element("caption", {}, `Mean and 95% interval over ${pictures} pictures.${left}`),
      element("thead", {}, head),
      element("tbody", {}, ...rows),
    ),
    ...sentences.map((sentence) => element("p", {}, sentence)),
  ];
}

function intervalText(interval: readonly number[] | undefined): string {
  if (!interval) return "";
  const [mean = 0, low = 0, high = 0] = interval;
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
