import { element, setText } from "../controls/element";
import type { Pixels } from "../pixels/picture";
import { paintable, type Style, settled } from "../pixels/styles";
import type { Range } from "./column_ranges";
import { describeTile } from "./describe";
import { facts } from "./facts";
import { writeNumbers } from "./measures";
import { type Photo, photo } from "./photo";
import { seenBy } from "./row_pictures";
import { type Tile, type TileLook, tile } from "./tile";
import type { Column, Metric, Numbers, Row, Rows } from "./traits";

export interface EntryState {
  readonly row: Row | null;
  readonly kind: Rows;
  readonly methods: readonly Column[];
  readonly metrics: readonly Metric[];
  /** The model that is measured, as columns name it. */
  readonly measured: string;
  readonly numbers: Numbers | undefined;
  /** The columns of which it is told above all rows that they show no place. */
  readonly flat: readonly string[];
  /** The place among all rows, from 0. */
  readonly place: number;
  readonly selected: boolean;
}

export interface EntryPaint extends TileLook {
  /** The row's picture: pixels, why there are none, or nothing as long as they are awaited. */
  readonly picture: Pixels | string | undefined;
  /** The same of a column whose model may be given another picture. */
  readonly pictureOf: (column: Column) => Pixels | string | undefined;
  /** For each method the range of its column, or `null` for each map's own. */
  readonly ranges: readonly (Range | null)[];
  /** How maps are to be painted; null is each method's usual way. */
  readonly asked: Style | null;
}

/** One row of the grid: what it is about, the picture, and a tile for each method. */
export interface Entry {
  readonly element: HTMLElement;
  readonly cells: readonly HTMLElement[];
  /** Whether its maps have not been looked at since it was laid out or out of sight. */
  readonly blank: boolean;
  show(state: EntryState): void;
  paint(paint: EntryPaint): void;
  /** Let the pixels go while the row is out of sight. */
  release(): void;
}

export function entry(): Entry {
  const about = facts();
  const head = element("div", { role: "rowheader", tabindex: -1 }, about.element);
  const failure = element("div", {
    role: "gridcell",
    tabindex: -1,
    class: "xcnn-failure",
  });
  const line = element("div", { role: "row", class: "xcnn-entry", "data-xcnn": "row" }, head);
  let image: Photo | null = null;
  let tiles: readonly Tile[] = [];
  let measured: readonly (readonly [Metric, HTMLElement])[] = [];
  let cells: readonly HTMLElement[] = [head];
  let state: EntryState | null = null;
  let blank = true;

  const lay = (next: EntryState) => {
    const failed = Boolean(next.row?.error);
    image = next.kind === "pictures" && !failed ? photo() : null;
    tiles = failed ? [] : next.methods.map(() => tile());
    measured = (failed ? [] : next.metrics).map((metric) => [
      metric,
      element("div", { role: "gridcell", tabindex: -1, class: "xcnn-numbers" }),
    ]);
    cells = [
      head,
      ...(image ? [element("div", { role: "gridcell", tabindex: -1 }, image.element)] : []),
      ...tiles.map((made) => made.element),
      ...measured.map(([, cell]) => cell),
      ...(failed ? [failure] : []),
    ];
    for (const [i, cell] of cells.entries()) cell.setAttribute("aria-colindex", String(i + 1));
    const columns = next.methods.length + next.metrics.length + (next.kind === "pictures" ? 1 : 0);
    failure.setAttribute("aria-colspan", String(columns));
    line.replaceChildren(...cells);
    blank = true;
  };
  const release = () => {
    blank = true;
    image?.clear("Picture out of sight");
    for (const made of tiles) made.clear("Map out of sight");
  };

  return {
    element: line,
    get cells() {
      return cells;
    },
    get blank() {
      return blank;
    },
    release,
    show(next) {
      const { row, kind, place, selected } = next;
      if (!state || layoutOf(state) !== layoutOf(next)) lay(next);
      else if (row === null && state.row !== null) release();
      line.setAttribute("aria-rowindex", String(place + 2));
      line.setAttribute("aria-selected", String(selected));
      const size = row?.size;
      if (size) line.style.setProperty("--ratio", String(size[1] / size[0]));
      if (!state || factsOf(state) !== factsOf(next) || state.row !== row) {
        const columns = next.methods.filter(({ name }) => !next.flat.includes(name));
        about.show(row, kind, `${one[kind]} ${place + 1}: not there yet`, columns);
        setText(failure, row?.error ?? "");
        if (row?.error) failure.dataset.xcnn = "row-error";
      }
      for (const [metric, cell] of measured) {
        const columns = next.methods.filter(({ model }) => model === next.measured);
        writeNumbers(cell, metric, columns, next.numbers);
      }
      state = next;
    },
    paint({ picture, pictureOf, ranges, asked, ...look }) {
      const row = state?.row;
      if (!row || row.error) return;
      const awaited = picture === undefined;
      blank = awaited;
      const pixels = typeof picture === "object" ? picture : null;
      const name = `Picture ${row.name}`;
      if (pixels) image?.paint(pixels, name);
      else image?.clear(awaited ? `${name}, not there yet` : `${name}: ${picture}`);
      for (const [i, made] of tiles.entries()) {
        const method = state?.methods[i];
        const map = method && row.maps?.[method.name];
        const size = method && seenBy(row, method, []).size;
        const own = method?.model ? pictureOf(method) : picture;
        const pixels = typeof own === "object" ? own : null;
        if (!map || !size) made.clear(method ? `No map of ${method.label}` : "No map");
        else if (own === undefined && look.display !== "heatmap") blank = true;
        else if (!awaited || look.display === "heatmap") {
          const label = describeTile(method, map, row, pixels ? look.display : "heatmap");
          const style = settled(asked, paintable(method, map));
          made.paint({
            ...look,
            map,
            style,
            size,
            pixels,
            range: ranges[i] ?? null,
            label,
          });
        }
      }
    },
  };
}

const one: Readonly<Record<Rows, string>> = {
  pictures: "Picture",
  layers: "Layer",
  classes: "Class",
};

/** What decides, beside the row itself, what is told of it. */
function factsOf({ kind, place, flat }: EntryState): string {
  return JSON.stringify([kind, place, flat]);
}

/** What decides which cells a row has. */
function layoutOf({ row, kind, methods, metrics }: EntryState): string {
  return JSON.stringify([kind, Boolean(row?.error), methods.map(({ name }) => name), metrics]);
}
