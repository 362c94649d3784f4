import { choiceSelect } from "../controls/choice_select";
import { element, setText } from "../controls/element";
import { choose, follow } from "../controls/model";
import { countText } from "../controls/number_text";
import { stepper } from "../controls/stepper";
import { type Model, type Page, pageOf, type Rows, rowsBefore } from "./traits";

const sizes = [5, 10, 20, 50, 100];

/** Which rows are seen, of how many, and the way to the others. */
export function pager(model: Model, open: HTMLButtonElement, signal: AbortSignal): HTMLElement {
  const count = element("p", { class: "xcnn-count", "data-xcnn": "count" });
  const page = stepper({
    label: "Page",
    hook: "page",
    previous: "previous",
    next: "next",
    change: (aim) => choose(model, { page: aim }),
    signal,
  });
  const size = choiceSelect({
    label: "A page",
    hook: "page-size",
    choose: (value) => choose(model, { page_size: Number(value) }),
    signal,
  });
  follow(
    model,
    ["_page", "page", "page_size", "rows"],
    () => {
      const announced = pageOf(model);
      const rows = model.get("page_size");
      const kind = model.get("rows");
      setText(count, countLine(announced, rowsBefore(model) + 1, kind));
      page.element.hidden = announced.pages < 2;
      page.show({ value: model.get("page"), count: announced.pages });
      size.element.hidden = kind !== "pictures" || announced.matches <= (sizes[0] ?? 1);
      const offered = sizes.includes(rows) ? sizes : [...sizes, rows].sort((a, b) => a - b);
      size.show({
        choices: offered.map((value) => ({ value: String(value), label: String(value) })),
        value: String(rows),
      });
    },
    signal,
  );
  follow(
    model,
    ["selected"],
    () => {
      open.disabled = model.get("selected") === null;
      open.title = open.disabled ? "Select a row first; Enter opens it at once" : "";
    },
    signal,
  );
  return element("div", { class: "xcnn-pager" }, count, open, page.element, size.element);
}

function countLine({ rows, matches, total }: Page, first: number, kind: Rows): string {
  if (rows === 0) return "";
  const seen = rows === 1 ? countText(first) : `${countText(first)}–${countText(first + rows - 1)}`;
  const one = { pictures: "Pictures", layers: "Layers", classes: "Classes" }[kind];
  const of = `${one} ${seen} of ${countText(matches)}`;
  return kind === "pictures" && matches < total ? `${of}, chosen from ${countText(total)}` : of;
}
