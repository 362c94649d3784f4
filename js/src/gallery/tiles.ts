import { element, setText } from "../controls/element";
import { saidText } from "../controls/prediction";
import type { Pixels } from "../pixels/picture";
import { paintable, settled } from "../pixels/styles";
import type { Range } from "./column_ranges";
import { describeTile } from "./describe";
import { seenBy } from "./row_pictures";
import { type Tile, tile } from "./tile";
import type { AskedLook } from "./tile_look";
import type { Column, Row } from "./traits";

export interface TilesState {
  readonly rows: readonly (Row | null)[];
  readonly pictures: boolean;
  readonly method: Column;
  readonly range: Range | null;
  readonly look: AskedLook;
  /** The place on the page of the row that is selected; -1 for none. */
  readonly selected: number;
  /** How many rows are on the pages before, and on all of them. */
  readonly before: number;
  readonly matches: number;
}

interface Options {
  readonly select: (place: number) => void;
  readonly open: (place: number) => void;
  readonly turnPage: (by: number) => void;
  readonly signal: AbortSignal;
}

export interface Tiles {
  readonly element: HTMLElement;
  show(
    state: TilesState,
    pictureOf: (row: Row, column: Column) => Pixels | string | undefined,
  ): void;
}

interface Option {
  readonly element: HTMLElement;
  readonly tile: Tile;
  readonly mark: HTMLElement;
  readonly name: HTMLElement;
  readonly said: HTMLElement;
}

/** The page as pictures side by side, each with one map, its label, and whether the model is right. */
export function tiles({ select, open, turnPage, signal }: Options): Tiles {
  const list = element("div", { role: "listbox", class: "xcnn-tiles", "data-xcnn": "tiles" });
  const options: Option[] = [];
  let at = 0;

  const keep = (count: number) => {
    while (options.length < count) {
      const made = option();
      options.push(made);
      list.append(made.element);
    }
    for (const surplus of options.splice(count)) surplus.element.remove();
    at = Math.max(0, Math.min(count - 1, at));
  };
  const go = (place: number, focus: boolean) => {
    at = Math.max(0, Math.min(options.length - 1, place));
    for (const [i, one] of options.entries()) one.element.tabIndex = i === at ? 0 : -1;
    if (focus) options[at]?.element.focus();
  };
  const placeOf = (target: EventTarget | null) =>
    options.findIndex((one) => one.element.contains(target as Node));
  const inRow = () => {
    const top = options[0]?.element.offsetTop;
    return Math.max(1, options.filter((one) => one.element.offsetTop === top).length);
  };

  list.addEventListener(
    "click",
    ({ target }) => {
      const place = placeOf(target);
      if (place < 0) return;
      go(place, true);
      select(place);
    },
    { signal },
  );
  list.addEventListener("dblclick", ({ target }) => placeOf(target) >= 0 && open(at), { signal });
  list.addEventListener(
    "focusin",
    ({ target }) => {
      const place = placeOf(target);
      if (place >= 0) go(place, false);
    },
    { signal },
  );
  list.addEventListener(
    "keydown",
    (event) => {
      if (event.altKey || placeOf(event.target) < 0) return;
      const steps: Readonly<Record<string, number>> = {
        ArrowLeft: -1,
        ArrowRight: 1,
        ArrowUp: -inRow(),
        ArrowDown: inRow(),
        Home: -at,
        End: options.length - 1 - at,
      };
      const step = steps[event.key];
      if (step !== undefined) {
        if (at + step >= 0 && at + step < options.length) go(at + step, true);
      } else if (event.key === "PageDown") turnPage(1);
      else if (event.key === "PageUp") turnPage(-1);
      else if (event.key === " ") select(at);
      else if (event.key === "Enter") {
        select(at);
        open(at);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );

  return {
    element: list,
    show(state, pictureOf) {
      const { rows, method, look, range } = state;
      const focused = options.some(({ element }) => element === activeIn(list));
      keep(rows.length);
      list.setAttribute(
        "aria-label",
        `${state.pictures ? "Pictures" : "Rows"} with ${method.label}`,
      );
      list.setAttribute("aria-busy", String(rows.includes(null)));
      for (const [place, row] of rows.entries()) {
        const one = options[place];
        if (!one) continue;
        one.element.setAttribute("aria-selected", String(place === state.selected));
        one.element.setAttribute("aria-posinset", String(state.before + place + 1));
        one.element.setAttribute("aria-setsize", String(state.matches));
        tell(one, row, state, place);
        const picture = row && !row.error ? pictureOf(row, method) : undefined;
        const map = row?.maps?.[method.name];
        const size = row && seenBy(row, method, rows).size;
        if (!size || !map || picture === undefined) {
          const why = row && !map ? `No map of ${method.label}` : "Not there yet";
          one.tile.clear(row?.error ? "No picture" : why);
          continue;
        }
        one.element.style.setProperty("--ratio", String(size[1] / size[0]));
        const pixels = typeof picture === "object" ? picture : null;
        const label = describeTile(method, map, row, pixels ? look.display : "heatmap");
        const { asked, ...painting } = look;
        const style = settled(asked, paintable(method, map));
        one.tile.paint({ ...painting, map, style, size, pixels, range, label });
      }
      go(at, focused && activeIn(list) === null);
    },
  };
}

function option(): Option {
  const made = tile("presentation");
  const mark = element("span", { class: "xcnn-mark", "data-xcnn": "mark" });
  const name = element("span", { class: "xcnn-name" });
  const said = element("span", { class: "xcnn-hint" });
  const line = element("div", { class: "xcnn-caption" }, mark, name, said);
  return {
    element: element(
      "div",
      { role: "option", tabindex: -1, class: "xcnn-tile", "data-xcnn": "tile-option" },
      made.element,
      line,
    ),
    tile: made,
    mark,
    name,
    said,
  };
}

/** What a tile is about: seen below it, and read as one sentence. */
function tell(
  { element, mark, name, said }: Option,
  row: Row | null,
  state: TilesState,
  i: number,
) {
  const right = state.pictures ? (row?.right ?? null) : null;
  const title = row
    ? state.pictures
      ? row.name
      : row.title || row.name
    : `${state.before + i + 1}: not there yet`;
  const predicted = state.pictures && row?.prediction ? row.prediction : null;
  const guess = predicted ? `${predicted.name} ${saidText(predicted)}`.trimEnd() : "";
  const label = state.pictures && row?.label ? row.label : "";
  const differs = label !== "" && label !== predicted?.name;
  mark.hidden = right === null;
  mark.dataset.right = String(right);
  setText(mark, right === null ? "" : right ? "✓" : "✗");
  setText(name, title);
  setText(said, row?.error || [guess, differs ? `is ${label}` : ""].filter(Boolean).join(", "));
  const changed = state.pictures && row?.changed ? "⇄ changed" : "";
  if (changed) setText(said, [said.textContent, changed].filter(Boolean).join(", "));
  const judged = right === null ? "" : right ? "right" : "wrong";
  const words = [
    guess && `predicted ${guess}`,
    label && `true label ${label}`,
    judged,
    changed && "changed",
    row?.error,
  ];
  element.setAttribute("aria-label", [title, ...words].filter(Boolean).join("; "));
  element.title = [title, ...words].filter(Boolean).join("\n");
}

function activeIn(list: HTMLElement): Element | null {
  const active = (list.getRootNode() as Document | ShadowRoot).activeElement;
  return active && list.contains(active) ? active : null;
}
