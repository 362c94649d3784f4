import { element } from "../controls/element";
import { choose } from "../controls/model";
import { colourStrip } from "../pixels/colour";
import type { Pixels } from "../pixels/picture";
import { columnRange } from "./column_ranges";
import { type Entry, entry } from "./entry";
import { heads } from "./heads";
import { inSight } from "./in_sight";
import { shownMetrics } from "./measures";
import { readColumn, readModel } from "./read_model";
import { roving } from "./roving";
import { tileLook } from "./tile_look";
import {
  type Column,
  type Model,
  pageOf,
  type Row,
  type Rows,
  rowsBefore,
  rowsOf,
  shownColumns,
} from "./traits";

export interface Grid {
  readonly element: HTMLElement;
  /** Show the rows as they are now, and paint those in sight. */
  draw(
    pictureOf: (row: Row, column?: Column) => Pixels | string | undefined,
    flat: readonly string[],
    all: boolean,
  ): void;
}

/** Reading a map takes a millisecond or two: in a frame no more than keep scrolling smooth. */
const mostNewMaps = 8;

const names: Readonly<Record<Rows, string>> = {
  pictures: "Pictures by method",
  layers: "Layers by method",
  classes: "Classes by method",
};

/** The rows of the page as a grid of cells that keys lead through. */
export function grid(
  model: Model,
  redraw: () => void,
  open: () => void,
  signal: AbortSignal,
): Grid {
  const titles = heads((metric) => {
    choose(model, { order: model.get("order") === metric ? "given" : metric });
  });
  const table = element(
    "div",
    { role: "grid", class: "xcnn-grid", "data-xcnn": "grid" },
    titles.element,
  );
  const box = element("div", { class: "xcnn-scroller" }, table);
  const entries: Entry[] = [];
  const sight = inSight(box, redraw, signal);
  const focus = roving(table, {
    cells: () => entries.map(({ cells }) => cells),
    turnPage: (by) => turnPage(model, by),
    select: (place) => select(model, place),
    open,
    signal,
  });
  let shownPage = 0;

  const keep = (count: number) => {
    while (entries.length < count) {
      const added = entry();
      entries.push(added);
      table.append(added.element);
      sight.watch(added.element);
    }
    for (const surplus of entries.splice(count)) {
      sight.forget(surplus.element);
      surplus.element.remove();
    }
  };

  return {
    element: box,
    draw(pictureOf, flat, all) {
      const rows = rowsOf(model);
      const kind = model.get("rows");
      const methods = shownColumns(model);
      const page = pageOf(model);
      const common = model.get("common_range");
      const ranges = methods.map(({ name }) => (common ? columnRange(rows, name) : null));
      const focused = focus.focused();

      if (page.page !== shownPage) box.scrollTop = 0;
      shownPage = page.page;
      table.style.setProperty("--tiles", String(methods.length + (kind === "pictures" ? 1 : 0)));
      table.setAttribute("aria-label", names[kind]);
      table.setAttribute("aria-rowcount", String(page.matches + 1));
      const metrics = shownMetrics(model);
      const numbers = model.get("_numbers") ?? {};
      table.style.setProperty("--metrics", String(metrics.length));
      table.classList.toggle("xcnn-with-metrics", metrics.length > 0);
      const columns = methods.length + metrics.length + (kind === "pictures" ? 2 : 1);
      table.setAttribute("aria-colcount", String(columns));
      table.setAttribute("aria-busy", String(rows.includes(null)));
      const look = tileLook(model);
      const strip = colourStrip(look.table, 0, look.display === "overlay" ? look : undefined);
      const measured = readModel(model);
      titles.show({ kind, methods, metrics, measured, order: model.get("order"), ranges, strip });
      keep(rows.length);
      let mapsLeft = all ? Number.POSITIVE_INFINITY : mostNewMaps;
      let waiting = false;
      for (const [place, row] of rows.entries()) {
        const line = entries[place];
        if (!line) continue;
        const index = selectable(model, row, place);
        line.show({
          row,
          kind,
          methods,
          metrics,
          measured: readColumn(model),
          numbers: row ? numbers[row.index] : undefined,
          flat,
          place: rowsBefore(model) + place,
          selected: index !== null && index === model.get("selected"),
        });
        if (!row) continue;
        if (!all && !sight.has(line.element)) {
          line.release();
          continue;
        }
        const picture = pictureOf(row);
        const reads = line.blank && picture !== undefined ? methods.length : 0;
        waiting ||= reads > 0 && mapsLeft <= 0;
        if (reads > 0 && mapsLeft <= 0) continue;
        mapsLeft -= reads;
        line.paint({
          ...look,
          ranges,
          picture,
          pictureOf: (column) => pictureOf(row, column),
        });
      }
      if (waiting) redraw();
      focus.renew(focused);
    },
  };
}

/** Go some pages on, as far as there are pages. */
export function turnPage(model: Model, by: number): void {
  const page = Math.min(pageOf(model).pages - 1, Math.max(0, model.get("page") + by));
  if (page !== model.get("page")) choose(model, { page });
}

/** Select the row at a place of the page. */
export function select(model: Model, place: number): void {
  const selected = selectable(model, rowsOf(model)[place] ?? null, place);
  if (selected !== null && selected !== model.get("selected")) choose(model, { selected });
}

/** What `selected` is when a row is chosen: its picture, or its place where all have the same one. */
export function selectable(model: Model, row: Row | null, place: number): number | null {
  if (model.get("rows") !== "pictures") return rowsBefore(model) + place;
  return row?.index ?? null;
}
