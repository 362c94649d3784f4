import { clampPlace, gridStep, type Place } from "./grid_keys";

interface Options {
  readonly cells: () => readonly (readonly HTMLElement[])[];
  readonly turnPage: (by: number) => void;
  readonly select: (row: number) => void;
  readonly open: (row: number) => void;
  readonly signal: AbortSignal;
}

export interface Roving {
  /** Whether one of the grid's cells has the focus. */
  focused(): boolean;
  /** After cells have come or gone: one of them can be reached with Tab; it takes the focus back. */
  renew(focus: boolean): void;
}

/** One stop for Tab in the whole grid, and the keys that lead from cell to cell. */
export function roving(grid: HTMLElement, options: Options): Roving {
  const { cells, turnPage, select, open, signal } = options;
  let at: Place = { row: 0, column: 0 };
  let stop: HTMLElement | null = null;
  const widths = () => cells().map((row) => row.length);
  const go = (place: Place, focus: boolean) => {
    at = place;
    const cell = cells()[at.row]?.[at.column] ?? null;
    if (stop && stop !== cell) stop.tabIndex = -1;
    stop = cell;
    if (!cell) return;
    cell.tabIndex = 0;
    if (focus) cell.focus();
  };
  const find = (target: EventTarget | null): Place | null => {
    for (const [row, line] of cells().entries()) {
      const column = line.findIndex((cell) => cell.contains(target as Node));
      if (column >= 0) return { row, column };
    }
    return null;
  };
  grid.addEventListener(
    "focusin",
    ({ target }) => {
      const place = find(target);
      if (place) go(place, false);
    },
    { signal },
  );
  grid.addEventListener(
    "click",
    ({ target }) => {
      const place = find(target);
      if (!place) return;
      go(place, true);
      select(place.row);
    },
    { signal },
  );
  grid.addEventListener("dblclick", ({ target }) => find(target) && open(at.row), { signal });
  grid.addEventListener(
    "keydown",
    (event) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (altKey || !find(event.target)) return;
      const place = gridStep(key, ctrlKey || metaKey, at, widths());
      if (place) go(place, true);
      else if (key === "PageDown") turnPage(1);
      else if (key === "PageUp") turnPage(-1);
      else if (key === " ") select(at.row);
      else if (key === "Enter") {
        select(at.row);
        open(at.row);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  return {
    focused: () => grid.contains((grid.getRootNode() as Document | ShadowRoot).activeElement),
    renew(focus) {
      const place = clampPlace(at, widths());
      const lost = cells()[place.row]?.[place.column] !== stop;
      go(place, focus && lost);
    },
  };
}
