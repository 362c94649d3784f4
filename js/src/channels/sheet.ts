import { element } from "../controls/element";
import { oncePerFrame } from "../controls/once_per_frame";
import { RowsInSight, type SheetState } from "./rows_in_sight";

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
  // It has the focus itself when the tile that had it is scrolled away, so that keys stay here.
  const box = element("div", {
    class: "xcnn-sheet",
    role: "group",
    tabindex: "-1",
    "aria-label": label,
    "data-xcnn": hook,
  });
  const rows = new RowsInSight(box);
  box.append(rows.element);
  let state: SheetState | null = null;
  let at = 0;

  const draw = () => {
    if (!state) return;
    at = Math.min(at, Math.max(0, state.channels.length - 1));
    rows.draw(state, at);
  };
  const measure = () => {
    rows.measure();
    draw();
  };
  const scheduleDraw = oncePerFrame(draw, signal);
  const scheduleMeasure = oncePerFrame(measure, signal);
  const numberAt = (target: EventTarget | null): number | null => {
    const found = (target as Element).closest<HTMLElement>(".xcnn-tile")?.dataset.channel;
    return found === undefined ? null : Number(found);
  };
  const placeOf = (number: number | null) =>
    state?.channels.findIndex((channel) => channel.number === number) ?? -1;
  const go = (place: number) => {
    at = place;
    rows.reveal(place);
    draw();
    rows.tileAt(place)?.button.focus({ preventScroll: true });
  };
  box.addEventListener("scroll", scheduleDraw, { signal, passive: true });
  box.addEventListener(
    "focusin",
    ({ target }) => {
      const place = placeOf(numberAt(target));
      if (place < 0 || place === at) return;
      at = place;
      scheduleDraw();
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
      const place = state && sheetStep(event.key, at, state.channels.length, rows.columns);
      if (place === null || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      go(place);
    },
    { signal },
  );
  if (typeof ResizeObserver !== "undefined") {
    const observer = new ResizeObserver(scheduleMeasure);
    observer.observe(box);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  return {
    element: box,
    show(next) {
      state = next;
      draw();
      // Its tiles have a size only when they are in the page.
      scheduleMeasure();
    },
  };
}
