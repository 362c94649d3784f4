import type { AnyModel } from "@anywidget/types";

/** Set traits and tell Python. */
export function choose<T extends object>(model: AnyModel<T>, choices: Partial<T>): void {
  for (const [name, value] of Object.entries(choices)) {
    model.set(name as keyof T & string, value as T[keyof T & string]);
  }
  model.save_changes();
}

/** Call `update` now and after every change of one of the traits, until the signal says stop. */
export function follow<T extends object>(
  model: AnyModel<T>,
  names: readonly (keyof T & string)[],
  update: () => void,
  signal: AbortSignal,
): void {
  for (const name of names) model.on(`change:${name}`, update);
  signal.addEventListener(
    "abort",
    () => {
      for (const name of names) model.off(`change:${name}`, update);
    },
    { once: true },
  );
  update();
}
