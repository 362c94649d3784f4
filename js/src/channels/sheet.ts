import { element } from "../controls/element";
import { oncePerFrame } from "../controls/once_per_frame";
import type { Channel } from "./terms";
import { type Tile, type TileState, tile } from "./tile";

export interface SheetState extends Pick<TileState, "layer" | "table" | "target"> {
  readonly channels: readonly Channel[];
  readonly off: ReadonlySet<number>;
  readonly chosen: number | null;
}

export interface Sheet {
  readonly element: HTMLElement;
  show(state: SheetState): void;
}

interface Options {
  readonly label: string;
  readonly hook: string;
  readonly pick: (channel: number) => void;
  readonly turn: (channel: number, on: boolean) => void;
  readonly signal: AbortSignal;
}

const tileWidth = 76;
const spareRows = 2;

/** Where the keys lead from one tile of a sheet to another. */
export function sheetStep(key: string, at: number, count: number, columns: number): number | null {
  const aims: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    PageDown: at + 4 * columns,
    PageUp: at - 4 * columns,
    Home: 0,
    End: count - 1,
  };
  const aim = aims[key];
  return aim === undefined ? null : Math.min(count - 1, Math.max(0, aim));
}

/** Tiles of channels, one stop for Tab; of very many only those in sight are in the page. */
export function sheet({ label, hook, pick, turn, signal }: Options): Sheet {
  const window = element("div", { class: "xcnn-tiles" });
  const space = element("div", { class: "xcnn-sheet-space" }, window);
  const box = element(
    "div",
    { class: "xcnn-sheet", role: "group", "aria-label": label, "data-xcnn": hook },
    space,
  );
  const tiles: Tile[] = [];
  let state: SheetState | null = null;
  let at = 0;
  let first = 0;
  let [columns, rowHeight] = [1, 104];

  const draw = () => {
    if (!state) return;
    const count = state.channels.length;
    at = Math.min(at, Math.max(0, count - 1));
    columns = Math.max(1, Math.floor(box.clientWidth / tileWidth));
    const rows = Math.ceil(count / columns);
    const top = Math.max(0, Math.floor(box.scrollTop / rowHeight) - spareRows);
    const tall = Math.ceil(box.clientHeight / rowHeight) + 2 * spareRows;
    first = Math.min(top, Math.max(0, rows - 1)) * columns;
    const last = Math.min(count, first + tall * columns);
    while (tiles.length < last - first) tiles.push(tile());
    const wanted = tiles.slice(0, last - first);
    for (const [i, each] of wanted.entries()) {
      const channel = state.channels[first + i] as Channel;
      const on = !state.off.has(channel.number);
      const chosen = state.chosen === channel.number;
      each.show({ ...state, channel, on, chosen, stop: first + i === at });
    }
    window.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    if (window.children.length !== wanted.length) {
      window.replaceChildren(...wanted.map((each) => each.element));
    }
    const measured = wanted[0]?.element.offsetHeight ?? 0;
    if (measured > 0) rowHeight = measured + 6;
    space.style.height = `${rows * rowHeight}px`;
    window.style.transform = `translateY(${(first / columns) * rowHeight}px)`;
  };
  const schedule = oncePerFrame(draw, signal);
  const numberAt = (target: EventTarget | null): number | null => {
    const found = (target as Element).closest<HTMLElement>(".xcnn-tile")?.dataset.channel;
    return found === undefined ? null : Number(found);
  };
  const placeOf = (number: number | null) =>
    state?.channels.findIndex((channel) => channel.number === number) ?? -1;
  const go = (place: number) => {
    at = place;
    const row = Math.floor(place / columns) * rowHeight;
    if (row < box.scrollTop) box.scrollTop = row;
    const over = row + rowHeight - box.clientHeight;
    if (over > box.scrollTop) box.scrollTop = over;
    draw();
    tiles[at - first]?.button.focus({ preventScroll: true });
  };
  box.addEventListener("scroll", schedule, { signal, passive: true });
  box.addEventListener(
    "focusin",
    ({ target }) => {
      const place = placeOf(numberAt(target));
      if (place < 0 || place === at) return;
      at = place;
      schedule();
    },
    { signal },
  );
  box.addEventListener(
    "click",
    ({ target }) => {
      const number = numberAt(target);
      if (number !== null && (target as Element).closest("button")) pick(number);
    },
    { signal },
  );
  box.addEventListener(
    "change",
    ({ target }) => {
      const number = numberAt(target);
      if (number !== null) turn(number, (target as HTMLInputElement).checked);
    },
    { signal },
  );
  box.addEventListener(
    "keydown",
    (event) => {
      const place = state && sheetStep(event.key, at, state.channels.length, columns);
      if (place === null || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      go(place);
    },
    { signal },
  );
  if (typeof ResizeObserver !== "undefined") {
    const observer = new ResizeObserver(schedule);
    observer.observe(box);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  return {
    element: box,
    show(next) {
      state = next;
      draw();
      // The first time it has no size until it is in the page.
      schedule();
    },
  };
}
