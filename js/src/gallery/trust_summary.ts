import { element, setText } from "../controls/element";
import { follow } from "../controls/model";
import { isPage } from "../nested/nested_view";
import { askingAll } from "./asking_all";
import { metricMeanings, shownMetrics } from "./measures";
import { ofModel, readModel } from "./read_model";
import type { Model, Trust } from "./traits";

/** What the metrics say of all pictures, asked for by a button: means, intervals, and what they decide. */
export function trustSummary(model: Model, signal: AbortSignal): HTMLElement {
  const { button: ask, unheard } = askingAll(model, "_trust_wanted", "measure-all", signal);
  const body = element("div", { class: "xcnn-trust", "data-xcnn": "trust" });
  const box = element("div", { class: "xcnn-overview" }, ask, unheard, body);
  follow(
    model,
    ["_trust", "metrics", "rows", "progress", "_page", "_metrics_offered", "model"],
    () => {
      const found = model.get("_trust") ?? null;
      box.hidden = shownMetrics(model).length === 0;
      // Where only some metrics are offered they were saved, and results have those of all pictures.
      const saved = (model.get("_metrics_offered") ?? null) !== null;
      const all = (model.get("_asks_no_model") ?? false) && !isPage(model);
      ask.hidden = found !== null || (saved && !all);
      ask.disabled = model.get("progress") !== null;
      const matches = model.get("_page")?.matches ?? 0;
      const whose = ofModel(readModel(model));
      setText(ask, `Measure all ${matches} pictures${whose && `, maps${whose.slice(1)}`}`);
      body.hidden = found === null;
      body.replaceChildren(...(found ? table(found) : []));
    },
    signal,
  );
  return box;
}

function table(found: Trust): HTMLElement[] {
  const { methods, metrics, intervals, sentences, pictures, left_out } = found;
  const whose = ofModel(found.model ?? "");
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
      element("caption", {}, `Mean and 95% interval over ${pictures} pictures${whose}.${left}`),
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
