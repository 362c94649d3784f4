import { element, setText } from "../controls/element";
import { choose, follow } from "../controls/model";
import { countText, percentText } from "../controls/number_text";
import { readingOf } from "../controls/reading_choice";
import { isPage } from "../nested/nested_view";
import { askingAll } from "./asking_all";
import { confusion } from "./confusion";
import { distributions } from "./distributions";
import { valueWords } from "./range_words";
import { readModel, readNames, summaryOf } from "./read_model";
import type { Model, Summary } from "./traits";

/** How well the model does on all pictures, asked for by a button; which classes it takes for which. */
export function overview(model: Model, signal: AbortSignal): HTMLElement {
  const { button: ask, unheard } = askingAll(model, "_summary_wanted", "summarise", signal);
  const line = element("p", { "data-xcnn": "summary" });
  const wrong = element("button", { type: "button", "data-xcnn": "summary-wrong" }, "Show wrong");
  wrong.addEventListener("click", () => choose(model, { show: "wrong" }), { signal });
  const matrix = confusion((show_label, show_class) => {
    choose(model, { show_label, show_class });
  }, signal);
  const title = element("summary", { class: "xcnn-title" }, "Confusion matrix");
  const fold = element("details", { class: "xcnn-part" }, title, matrix.element);
  const spread = distributions(model, signal);
  const box = element("div", { class: "xcnn-overview" }, ask, unheard, line, wrong, fold, spread);
  follow(
    model,
    [
      "_summary",
      "rows",
      "progress",
      "show",
      "show_label",
      "show_class",
      "_images",
      "_has_labels",
      "_reading",
      "_class_names",
      "_names_of",
      "model",
    ],
    () => {
      const found = model.get("_summary") ?? null;
      const judges =
        model.get("_has_labels") && readingOf(model.get("_reading")).activation !== "none";
      box.hidden = model.get("rows") !== "pictures";
      ask.hidden = found !== null || isPage(model);
      ask.disabled = model.get("progress") !== null;
      const pictures = `all ${countText(model.get("_images").total)} pictures`;
      setText(ask, `${judges ? "Accuracy on" : `${valueWords(model).all} of`} ${pictures}`);
      const lines = found ? summaryLines(found) : [];
      line.replaceChildren(
        ...lines.flatMap((text, i) => (i === 0 ? [text] : [element("br"), text])),
      );
      line.hidden = !found || !judges;
      const read = found && summaryOf(found, readModel(model));
      wrong.hidden = !read || !judges || read.wrong === 0 || model.get("show") === "wrong";
      setText(wrong, read?.model ? `Show wrong of ${read.model}` : "Show wrong");
      setText(title, read?.model ? `Confusion matrix of ${read.model}` : "Confusion matrix");
      fold.hidden = !read || !judges || read.confusion.length === 0;
      if (read && !fold.hidden) {
        const names = readNames(model);
        matrix.show({
          cells: read.confusion,
          nameOf: (index) => names[index] ?? `class ${index}`,
          label: model.get("show_label") ?? null,
          predicted: model.get("show_class"),
        });
      }
    },
    signal,
  );
  return box;
}

/** The same of each model, and how many pictures the last one sees otherwise than the first. */
export function summaryLines(summary: Summary): string[] {
  const { model, beside = [], changes } = summary;
  if (!changes) return [summaryText(summary)];
  const named = [summary, ...beside].map((one) => `${one.model}: ${summaryText(one)}`);
  const { changed, fixed, broken } = changes;
  const last = beside.at(-1)?.model ?? "";
  const moved = [`${changed} changed`, `${fixed} fixed`, `${broken} broken`].join(" · ");
  return [...named, `From ${model} to ${last}: ${moved}`];
}

/** `Accuracy 71.4% (5 of 7) · 2 wrong · 1 not read` */
export function summaryText({ right, wrong, unread, unlabelled }: Summary): string {
  const judged = right + wrong;
  return [
    judged === 0
      ? "No label is known"
      : `Accuracy ${percentText(right / judged)} (${countText(right)} of ${countText(judged)})`,
    `${countText(wrong)} wrong`,
    `${countText(unread)} not read`,
    ...(unlabelled > 0 ? [`${countText(unlabelled)} without a label among the classes`] : []),
  ].join(" · ");
}
