import { element, setText } from "../controls/element";
import { classText, disagreementMeaning } from "./describe";
import { movedOf } from "./moved";
import { isFlat, nowhere } from "./page_notes";
import type { Beside, Method, Row, Rows } from "./traits";

export interface Facts {
  readonly element: HTMLElement;
  /** What is known of the row; `waiting` stands where it is not there yet, `columns` are those whose emptiness is told here. */
  show(row: Row | null, kind: Rows, waiting: string, columns?: readonly Method[]): void;
}

/** What a row is about: a name, what the network says, whether that is right, and how methods agree. */
export function facts(): Facts {
  const name = element("p", { class: "xcnn-name" });
  const mark = element("span", { class: "xcnn-mark", "data-xcnn": "mark" });
  const prediction = element("span");
  const verdict = element("p", {}, mark, prediction);
  const beside = element("div", { class: "xcnn-beside", "data-xcnn": "beside" });
  const label = element("p", { class: "xcnn-hint" });
  const explained = element("p", { class: "xcnn-hint" });
  const empty = element("p", { class: "xcnn-hint", "data-xcnn": "nothing" });
  const disagreement = element("p", {
    class: "xcnn-hint",
    title: disagreementMeaning,
    "data-xcnn": "disagreement",
  });
  return {
    element: element(
      "div",
      { class: "xcnn-facts" },
      name,
      verdict,
      beside,
      label,
      explained,
      empty,
      disagreement,
    ),
    show(row, kind, waiting, columns = []) {
      const pictures = kind === "pictures";
      const title = row ? (pictures ? row.name : row.title || row.name) : waiting;
      write(name, title);
      name.title = title;
      name.classList.toggle("xcnn-pending", row === null);
      const guess = pictures ? (row?.prediction ?? null) : null;
      const right = pictures ? (row?.right ?? null) : null;
      verdict.hidden = !guess;
      write(prediction, guess ? [guess, ...(row?.others ?? [])].map(classText).join(", ") : "");
      mark.hidden = right === null;
      mark.dataset.right = String(right);
      setText(mark, right === null ? "" : right ? "✓ Right" : "✗ Wrong");
      const several = pictures ? (row?.beside ?? []) : [];
      verdict.hidden = !guess || several.length > 0;
      beside.hidden = several.length === 0;
      beside.replaceChildren(...(row && several.length > 0 ? besideLines(row, several) : []));
      write(label, pictures && row?.label ? `True label: ${row.label}` : "");
      write(explained, pictures && row ? explainedText(row) : "");
      const number = row?.disagreement ?? null;
      write(empty, row ? nothingText(row, columns) : "");
      const what = row?.model ? `Methods of ${row.model} disagree by` : "Disagreement";
      write(disagreement, number === null ? "" : `${what} ${number.toFixed(2)}`);
    },
  };
}

/** What changed first: whether models name one class; then what each says. */
function besideLines(row: Row, beside: readonly Beside[]): HTMLElement[] {
  const changed = row.changed ?? null;
  const move = movedOf(row);
  const moved = move ? `, ${move}` : "";
  const verdict = element(
    "p",
    { class: "xcnn-changed", "data-xcnn": "changed", "data-changed": String(changed) },
    changed ? `⇄ Changed${moved}` : `= Same prediction${moved}`,
  );
  const one = (model: string, right: boolean | null, text: string) =>
    element(
      "p",
      {},
      element("span", { class: "xcnn-model" }, `${model}: `),
      ...(right === null
        ? []
        : [
            element(
              "span",
              { class: "xcnn-mark", "data-right": String(right) },
              right ? "✓ Right" : "✗ Wrong",
            ),
            " ",
          ]),
      text,
    );
  const said = (guess: Row["prediction"], others: Row["others"], error = "") =>
    guess ? [guess, ...(others ?? [])].map(classText).join(", ") : error;
  const apart = row.map_change ?? null;
  const told = apart === null ? [] : [`Maps of both disagree by ${apart.toFixed(2)}`];
  return [
    ...(changed === null ? [] : [verdict]),
    one(row.model ?? "", row.right, said(row.prediction, row.others)),
    ...beside.map((each) =>
      one(each.model, each.right, said(each.prediction, each.others, each.error)),
    ),
    ...told.map((text) => element("p", { class: "xcnn-hint", title: disagreementMeaning }, text)),
  ];
}

/** The class that the maps are of, where it is not the predicted one. */
function explainedText({ maps, prediction }: Row): string {
  const target = Object.values(maps ?? {})[0]?.target;
  if (!target || target.index === prediction?.index) return "";
  return `Explained: ${classText(target)}`;
}

/** Which maps show no place, because they have one value everywhere. */
function nothingText(row: Row, columns: readonly Method[]): string {
  const flat = columns.filter(({ name }) => isFlat(name)(row));
  const labels = flat.map(({ label }) => label).join(", ");
  return labels && `${labels}: ${nowhere}`;
}

function write(node: HTMLElement, text: string): void {
  setText(node, text);
  node.hidden = text === "";
}
