import { element } from "../controls/element";
import type { Channel } from "./terms";
import { type Tile, type TileState, tile } from "./tile";

export interface SheetState extends Pick<TileState, "layer" | "table" | "target"> {
  readonly channels: readonly Channel[];
  readonly off: ReadonlySet<number>;
  readonly chosen: number | null;
}

interface Row {
  readonly element: HTMLElement;
  readonly tiles: Tile[];
}

const tileWidth = 76;
const gap = 6;
const spareRows = 1;

/**
 * Rows of tiles in a box that scrolls, those in sight and a few more: a row keeps its tiles as long as it is near,
 * so that scrolling draws only what comes into sight.
 */
export class RowsInSight {
  readonly element = element("div", { class: "xcnn-sheet-space" });
  columns = 1;
  // What they are about, until the page has told.
  private height = 104;
  private sight = 330;
  private readonly rows = new Map<number, Row>();

  constructor(private readonly box: HTMLElement) {}

  /** Ask the page for sizes: after the box or what a tile shows has changed. */
  measure(): void {
    this.columns = Math.max(1, Math.floor(this.box.clientWidth / tileWidth));
    this.sight = this.box.clientHeight || this.sight;
    const [row] = this.rows.values();
    const measured = row?.element.offsetHeight ?? 0;
    if (measured > 0) this.height = measured + gap;
    this.element.style.setProperty("--columns", `repeat(${this.columns}, minmax(0, 1fr))`);
  }

  /** Show the tiles in sight; Tab comes to the one at a place, or to the first in sight. */
  draw(state: SheetState, at: number): void {
    const count = state.channels.length;
    const all = Math.ceil(count / this.columns);
    const top = Math.floor(this.box.scrollTop / this.height);
    const below = Math.min(all, top + 1 + Math.ceil(this.sight / this.height));
    // After a jump all tiles are drawn at once: then no more than those in sight.
    const spare = [...this.rows.keys()].some((row) => row >= top && row < below) ? spareRows : 0;
    const first = Math.max(0, Math.min(top, all) - spare);
    const last = Math.min(all, below + spare);
    this.take(first, last);
    const near = at >= first * this.columns && at < last * this.columns;
    const stop = near ? at : Math.min(count - 1, top * this.columns);
    for (const [number, row] of this.rows) {
      const channels = state.channels.slice(number * this.columns, (number + 1) * this.columns);
      while (row.tiles.length < channels.length) row.tiles.push(tile());
      for (const spare of row.tiles.splice(channels.length)) {
        this.keepFocus(spare.element);
        spare.element.remove();
      }
      for (const [i, channel] of channels.entries()) {
        const each = row.tiles[i] as Tile;
        const on = !state.off.has(channel.number);
        const chosen = state.chosen === channel.number;
        each.show({ ...state, channel, on, chosen, stop: number * this.columns + i === stop });
        if (!each.element.isConnected) row.element.append(each.element);
      }
    }
    this.element.style.height = `${all * this.height - (all > 0 ? gap : 0)}px`;
  }

  /** Scroll as little as shows a place. */
  reveal(place: number): void {
    const top = Math.floor(place / this.columns) * this.height;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    const over = top + this.height - this.sight;
    if (over > this.box.scrollTop) this.box.scrollTop = over;
  }

  /** The tile at a place, if it is near. */
  tileAt(place: number): Tile | undefined {
    const row = this.rows.get(Math.floor(place / this.columns));
    return row?.tiles[place % this.columns];
  }

  /** Have rows at these numbers; those that were there stay as they are. */
  private take(first: number, last: number): void {
    const isNear = (number: number) => number >= first && number < last;
    const someStay = [...this.rows.keys()].some(isNear);
    const free: Row[] = [];
    for (const [number, row] of this.rows) {
      if (isNear(number)) continue;
      this.keepFocus(row.element);
      if (someStay) row.element.remove();
      this.rows.delete(number);
      free.push(row);
    }
    // From the last to the first: what stays is never moved, for that would take the focus from it.
    let after: HTMLElement | null = null;
    for (let number = last - 1; number >= first; number--) {
      const row: Row = this.rows.get(number) ?? free.pop() ?? newRow();
      this.rows.set(number, row);
      row.element.style.transform = `translateY(${number * this.height}px)`;
      if (row.element.nextSibling !== after || !row.element.isConnected) {
        this.element.insertBefore(row.element, after);
      }
      after = row.element;
    }
    for (const row of free) row.element.remove();
  }

  /** Before something goes that has the focus, the box takes it: the keys stay in it. */
  private keepFocus(going: HTMLElement): void {
    const { activeElement } = this.box.getRootNode() as Document | ShadowRoot;
    if (going.contains(activeElement)) this.box.focus({ preventScroll: true });
  }
}

function newRow(): Row {
  return { element: element("div", { class: "xcnn-sheet-row" }), tiles: [] };
}
