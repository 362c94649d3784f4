import type { AnyModel } from "@anywidget/types";
import { canRunCells, type Host, isAnswered } from "./kernel";
import { cellAgain, notSaved } from "./words";

type Names<T> = readonly (keyof T & string)[];
export type Answer<T> = Partial<T> | null;

/** How a widget goes on without its kernel. */
export interface Afterlife<T> {
  /** What a person chooses. */
  readonly choices: Names<T>;
  /** What a kernel sets when it shows something else. */
  readonly announced: Names<T>;
  /** What else tells what is shown and what is saved. */
  readonly shown: Names<T>;
  /** Whether choices whose view is not saved go back to those that led to what is shown. */
  readonly goesBack?: boolean;
  /** From the state, with the choices that led to what is shown, to the function that answers later ones. */
  answering(
    state: T,
    set: (values: Partial<T>) => void,
  ): (now: () => T) => Promise<Answer<T>> | Answer<T>;
}

/**
 * A model whose choices are answered also when its kernel is gone, as in a notebook that is opened
 * again: from what is saved in its state. With a kernel it is the model given, no more.
 */
export function outliving<T extends object, Saved extends T & { readonly error: string }>(
  model: AnyModel<T>,
  { choices, announced, shown, goesBack, answering }: Afterlife<Saved>,
  signal: AbortSignal,
): AnyModel<T> {
  // Views do not read what is saved.
  const state = model as unknown as AnyModel<Saved>;
  const read = (names: Names<Saved>) =>
    Object.fromEntries(names.map((name) => [name, state.get(name)])) as unknown as Saved;
  const now = () => read([...choices, ...announced, ...shown]);
  const set = (values: Partial<Saved>) => {
    if (signal.aborted) return;
    for (const name of Object.keys(values) as (keyof Saved & string)[]) {
      state.set(name, values[name] as Saved[typeof name]);
    }
  };
  let live = true;
  let led = read(choices);
  let answer: ReturnType<typeof answering> | null = null;
  const notice = (host?: Host) => {
    live = isAnswered(host);
  };
  const keep = () => {
    led = read(choices);
    if (live) answer = null;
  };
  const tell = (values: Answer<Saved>) => {
    if (!values) return;
    const missing = values.error === notSaved;
    if (missing && goesBack) set(led);
    const error = missing && canRunCells(model) ? { error: cellAgain } : {};
    set({ ...values, ...error, progress: null });
  };
  for (const name of choices) state.on(`change:${name}`, notice);
  for (const name of announced) state.on(`change:${name}`, keep);
  signal.addEventListener(
    "abort",
    () => {
      for (const name of choices) state.off(`change:${name}`, notice);
      for (const name of announced) state.off(`change:${name}`, keep);
    },
    { once: true },
  );

  return {
    get: model.get.bind(model),
    set: model.set.bind(model),
    on: model.on.bind(model),
    off: model.off.bind(model),
    send: model.send.bind(model),
    widget_manager: model.widget_manager,
    save_changes() {
      model.save_changes();
      if (live) return;
      answer ??= answering({ ...now(), ...led }, set);
      void Promise.resolve(answer(now)).then(tell);
    },
  };
}
