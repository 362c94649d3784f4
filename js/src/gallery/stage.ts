import { element } from "../controls/element";
import { choose, follow } from "../controls/model";
import { oncePerFrame } from "../controls/once_per_frame";
import { disagreementMeaning } from "./describe";
import { grid } from "./grid";
import { bytesOfRow, pictures } from "./row_pictures";
import { subject } from "./subject";
import { type Model, rowsOf, rowTraits, type Traits } from "./traits";

const drawn: readonly (keyof Traits & string)[] = [
  ...rowTraits,
  "_page",
  "rows",
  "methods",
  "_methods",
  "page_size",
  "selected",
  "display",
  "opacity",
  "blend",
  "colormap",
  "_colormaps",
  "common_range",
  "progress",
  "error",
];

/** The page: the one picture where there is one, the rows, and what to say when there are none. */
export function stage(model: Model, signal: AbortSignal): HTMLElement {
  const one = subject();
  const schedule = oncePerFrame(() => draw(), signal);
  const table = grid(model, schedule, signal);
  const pixelsOf = pictures(schedule, signal);
  const nothing = nothingMatches(model, signal);
  const meaning = element("p", { class: "xcnn-hint" }, disagreementMeaning);
  const page = element("div", { class: "xcnn-shown" }, table.element, nothing, meaning);
  const draw = () => {
    const rows = rowsOf(model);
    const single = model.get("rows") !== "pictures";
    const sitter = rows.find((row) => row?.picture) ?? null;
    if (!single) one.element.remove();
    else if (!one.element.parentNode) page.prepend(one.element);
    one.element.hidden = rows.length === 0;
    if (single) one.show(sitter, pixelsOf(sitter?.picture ?? null));
    table.element.classList.toggle("xcnn-common", model.get("common_range"));
    table.element.classList.toggle("xcnn-single", single);
    table.element.classList.toggle("xcnn-dimmed", Boolean(model.get("error")));
    table.element.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0 || model.get("_page")?.matches !== 0;
    meaning.hidden = rows.every((row) => (row?.disagreement ?? null) === null);
    table.draw((row) => pixelsOf(bytesOfRow(row, rows)));
  };
  follow(model, drawn, schedule, signal);
  return page;
}

function nothingMatches(model: Model, signal: AbortSignal): HTMLElement {
  const all = element("button", { type: "button", "data-xcnn": "show-all" }, "Show all");
  const filter = { show: "all", show_class: null, show_text: "" } as const;
  all.addEventListener("click", () => choose(model, filter), { signal });
  return element(
    "div",
    { class: "xcnn-nothing", hidden: true },
    element("p", {}, "No picture passes the filters."),
    all,
  );
}
