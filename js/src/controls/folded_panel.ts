import type { AnyModel } from "@anywidget/types";
import { type Host, isAnswered } from "../atlas/kernel";
import { isPage } from "../nested/nested_view";
import { element } from "./element";
import { choose, follow } from "./model";

/** What a panel's content knows of the place where it stands. */
export interface Place {
  /** Over when the panel is closed. */
  readonly signal: AbortSignal;
  /** Whether a kernel may still answer. */
  readonly live: () => boolean;
}

interface Options<T> {
  readonly title: string;
  readonly hook: string;
  /** The trait that tells Python whether the panel is open. */
  readonly open: keyof T & string;
  readonly content: (place: Place) => HTMLElement;
}

/** Whether a kernel may answer, before a message has told. */
export function mayAnswer<T extends object>(model: AnyModel<T>): boolean {
  return !isPage(model) && isAnswered(null);
}

/**
 * A panel below a widget, closed at first: its content is made when it is opened, and taken away when
 * it is closed; Python is told of both.
 */
export function foldedPanel<T extends object>(
  model: AnyModel<T>,
  { title, hook, open, content }: Options<T>,
  signal: AbortSignal,
): HTMLDetailsElement {
  const body = element("div", { class: "xcnn-fold-body" });
  const details = element(
    "details",
    { class: "xcnn-fold", "data-xcnn": hook },
    element("summary", {}, title),
    body,
  );
  let live = mayAnswer(model);
  let shown: AbortController | null = null;
  const notice = (host?: Host) => {
    live = live && isAnswered(host);
  };
  const draw = () => {
    if (details.open === (shown !== null)) return;
    shown?.abort();
    body.replaceChildren();
    shown = details.open ? new AbortController() : null;
    if (shown) body.append(content({ signal: shown.signal, live: () => live }));
  };
  model.on(`change:${open}`, notice);
  signal.addEventListener(
    "abort",
    () => {
      model.off(`change:${open}`, notice);
      shown?.abort();
    },
    { once: true },
  );
  details.addEventListener(
    "toggle",
    () => {
      if (Boolean(model.get(open)) !== details.open) {
        choose(model, { [open]: details.open } as unknown as Partial<T>);
      }
      draw();
    },
    { signal },
  );
  follow(
    model,
    [open],
    () => {
      details.open = Boolean(model.get(open));
      draw();
    },
    signal,
  );
  return details;
}
