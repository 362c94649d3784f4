import { element } from "../controls/element";
import { choose, follow } from "../controls/model";
import { oncePerFrame } from "../controls/once_per_frame";
import type { Pixels } from "../pixels/picture";
import { columnRange } from "./column_ranges";
import { disagreementMeaning } from "./describe";
import { grid, select, selectable, turnPage } from "./grid";
import { pageNotes } from "./page_notes";
import { printing } from "./printing";
import { noRanges } from "./ranges";
import { bytesOfRow, pictures, seenBy } from "./row_pictures";
import { subject } from "./subject";
import { tileLook } from "./tile_look";
import { type Tiles, tiles } from "./tiles";
import {
  type Column,
  type Model,
  pageOf,
  type Row,
  rowsBefore,
  rowsOf,
  rowTraits,
  shownColumns,
  type Traits,
  tileMethod,
} from "./traits";

/** Pictures are kept as long as they are on the page: four bytes a pixel. */
const mostPixels = 2 ** 24;

const drawn: readonly (keyof Traits & string)[] = [
  ...rowTraits,
  "_page",
  "rows",
  "methods",
  "_methods",
  "_models",
  "model",
  "metrics",
  "_numbers",
  "order",
  "page_size",
  "selected",
  "display",
  "opacity",
  "blend",
  "painted",
  "colormap",
  "_colormaps",
  "common_range",
  "arrangement",
  "tile_method",
  "progress",
  "error",
];

/** The page: the one picture where there is one, the rows, and what to say when there are none. */
export function stage(model: Model, open: () => void, signal: AbortSignal): HTMLElement {
  const one = subject();
  const schedule = oncePerFrame(() => draw(), signal);
  const isPrinting = printing(() => draw(), signal);
  const table = grid(model, schedule, open, signal);
  const sheet = tiles({
    select: (place) => select(model, place),
    turnPage: (by) => turnPage(model, by),
    open,
    signal,
  });
  const pixelsOf = pictures(schedule, signal);
  const nothing = nothingMatches(model, signal);
  const meaning = element("p", { class: "xcnn-hint" }, disagreementMeaning);
  const notes = element("div", { class: "xcnn-page-notes xcnn-hint", "data-xcnn": "page-notes" });
  const page = element(
    "div",
    { class: "xcnn-shown" },
    notes,
    table.element,
    sheet.element,
    nothing,
    meaning,
  );
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
    const inTiles = model.get("arrangement") === "grid";
    table.element.hidden = rows.length === 0 || inTiles;
    sheet.element.hidden = rows.length === 0 || !inTiles;
    sheet.element.classList.toggle("xcnn-dimmed", Boolean(model.get("error")));
    nothing.hidden = rows.length > 0 || model.get("_page")?.matches !== 0;
    meaning.hidden = inTiles || rows.every((row) => (row?.disagreement ?? null) === null);
    const { texts, flat } = pageNotes(rows, shownColumns(model));
    notes.hidden = texts.length === 0;
    if (notes.textContent !== texts.join("")) {
      notes.replaceChildren(...texts.map((text) => element("p", {}, text)));
    }
    const pictureOf: PictureOf = (row, column) =>
      pixelsOf(column ? seenBy(row, column, rows).bytes : bytesOfRow(row, rows));
    if (inTiles) drawTiles(model, sheet, rows, pictureOf);
    else table.draw(pictureOf, flat, isPrinting());
    if (!rows.includes(null)) readAhead(rows, pictureOf);
  };
  follow(model, drawn, schedule, signal);
  return page;
}

/** The picture of a row; of a column's model, the one that it is given. */
type PictureOf = (row: Row, column?: Column) => Pixels | string | undefined;

function drawTiles(
  model: Model,
  sheet: Tiles,
  rows: readonly (Row | null)[],
  pictureOf: PictureOf,
): void {
  const method = tileMethod(model);
  if (!method) return;
  const { matches } = pageOf(model);
  const selected = model.get("selected");
  sheet.show(
    {
      rows,
      pictures: model.get("rows") === "pictures",
      method,
      range: model.get("common_range") ? columnRange(rows, method.name) : null,
      look: tileLook(model),
      selected:
        selected === null
          ? -1
          : rows.findIndex((row, place) => selectable(model, row, place) === selected),
      before: rowsBefore(model),
      matches,
    },
    pictureOf,
  );
}

/** Paper shows all rows at once, and nothing can be decoded any more when it is asked for. */
function readAhead(rows: readonly (Row | null)[], pictureOf: (row: Row) => unknown): void {
  const pixels = rows.reduce((sum, row) => sum + (row?.size ? row.size[0] * row.size[1] : 0), 0);
  if (typeof requestIdleCallback === "undefined" || pixels > mostPixels) return;
  requestIdleCallback(() => {
    for (const row of rows) if (row && !row.error) pictureOf(row);
  });
}

function nothingMatches(model: Model, signal: AbortSignal): HTMLElement {
  const all = element("button", { type: "button", "data-xcnn": "show-all" }, "Show all");
  const filter = { show: "all", show_class: null, show_label: null, show_text: "" } as const;
  all.addEventListener("click", () => choose(model, { ...filter, ...noRanges }), { signal });
  return element(
    "div",
    { class: "xcnn-nothing", hidden: true },
    element("p", {}, "No picture passes the filters."),
    all,
  );
}
