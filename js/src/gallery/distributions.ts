import { element } from "../controls/element";
import { choose, follow } from "../controls/model";
import { isPage } from "../nested/nested_view";
import { histogram } from "./histogram";
import { disagreementWords, valueWords } from "./range_words";
import { modelNames, ofModel, readModel, summaryOf } from "./read_model";
import { type Model, type Summary, shownMethods } from "./traits";

/** How sure the model is of its predictions, and how far methods disagree; a bar shows only its pictures. */
export function distributions(model: Model, signal: AbortSignal): HTMLElement {
  const values = histogram("value-bars", (show_value) => choose(model, { show_value }), signal);
  const apart = histogram(
    "disagreement-bars",
    (show_disagreement) => choose(model, { show_disagreement }),
    signal,
  );
  const key = element(
    "p",
    { class: "xcnn-hint xcnn-press" },
    "Press a bar to see only its pictures; with Shift, the bars up to another one.",
  );
  const tones = element(
    "p",
    { class: "xcnn-hint xcnn-bar-key" },
    element("span", { class: "xcnn-bin-key xcnn-bin-wrong" }),
    "Hatched: wrong.",
  );
  const compare = element(
    "button",
    { type: "button", "data-xcnn": "compare-all" },
    "Order by disagreement",
  );
  compare.addEventListener("click", () => choose(model, { order: "disagreement" }), { signal });
  const unknown = element(
    "div",
    { class: "xcnn-unknown xcnn-press" },
    element("p", { class: "xcnn-hint" }, "How far the methods disagree is not known of all yet."),
    compare,
  );
  const box = element(
    "details",
    { class: "xcnn-part", "data-xcnn": "distributions" },
    element("summary", { class: "xcnn-title" }, "Distributions"),
    element("div", { class: "xcnn-distributions" }, values.element, apart.element, unknown),
    key,
    tones,
  );
  follow(
    model,
    [
      "_summary",
      "_reading",
      "methods",
      "_methods",
      "model",
      "_models",
      "progress",
      "show_value",
      "show_disagreement",
    ],
    () => {
      const read = readModel(model);
      const told = toldOf(model.get("_summary") ?? null, read);
      box.hidden = !told?.value;
      if (!told?.value) return;
      const words = valueWords(model);
      values.show({
        title: capital(`${words.what} of the prediction${ofModel(read)}`),
        words,
        counted: told.value,
        span: model.get("show_value") ?? null,
      });
      const [one, other] = shownMethods(model);
      apart.element.hidden = !told.disagreement;
      if (told.disagreement) {
        apart.show({
          title: `Disagreement of ${one?.label} and ${other?.label}${ofModel(modelNames(model)[0] ?? "")}`,
          words: disagreementWords,
          counted: told.disagreement,
          span: model.get("show_disagreement") ?? null,
        });
      }
      unknown.hidden = Boolean(told.disagreement) || !other || isPage(model);
      compare.disabled = model.get("progress") !== null;
      tones.hidden = !told.value.wrong;
    },
    signal,
  );
  return box;
}

function toldOf(summary: Summary | null, read: string) {
  return summary && (summaryOf(summary, read).distributions ?? null);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
