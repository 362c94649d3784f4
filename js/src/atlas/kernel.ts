import type { AnyModel } from "@anywidget/types";

/** The model as ipywidgets hands it to listeners; the one that anywidget hands to views does not tell. */
export interface Host {
  readonly comm_live?: boolean;
}

/** Whether a kernel answers, as far as a host tells: no kernel, and a page that marimo has exported, do not. */
export function isAnswered(host: Host | null | undefined): boolean {
  return host?.comm_live !== false && !("__MARIMO_STATIC__" in globalThis);
}

/** Whether the widget stands in a notebook whose cells can be run: only there the manager knows of kernels. */
export function canRunCells<T extends object>(model: AnyModel<T>): boolean {
  const manager: object | undefined = model.widget_manager;
  return manager !== undefined && "kernel" in manager;
}
