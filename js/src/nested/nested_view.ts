import type { AnyModel } from "@anywidget/types";
import { idOf } from "./reference";

export interface Child {
  readonly comm_live?: boolean;
  get?(name: string): unknown;
}

/** What a widget manager can do beyond what anywidget's types promise. */
export interface Manager {
  get_model(id: string): Promise<Child>;
  create_view(model: unknown): Promise<View>;
}

interface View {
  readonly el: HTMLElement;
  readonly luminoWidget?: object;
  remove(): void;
}

type Lumino = { attach(widget: object, host: HTMLElement): void };

/** Whether this page can draw another widget inside one: a page without a kernel's manager cannot. */
export function canNest<T extends object>(model: AnyModel<T>): boolean {
  const manager: object | undefined = model.widget_manager;
  return manager !== undefined && "create_view" in manager;
}

/** Whether there is no kernel at all, as on a page that was written with all its answers. */
export function isPage<T extends object>(model: AnyModel<T>): boolean {
  const manager: object | undefined = model.widget_manager;
  return manager !== undefined && "isPage" in manager;
}

/** Draw another widget, whatever made it, into an element of the page until the signal says stop. */
export async function nestView<T extends object>(
  model: AnyModel<T>,
  reference: string,
  into: HTMLElement,
  signal: AbortSignal,
): Promise<HTMLElement | null> {
  const manager = model.widget_manager as unknown as Manager;
  const child = await manager.get_model(idOf(reference));
  const view = await manager.create_view(child);
  await attached(into, signal);
  if (signal.aborted) {
    view.remove();
    return null;
  }
  const widget = view.luminoWidget;
  // Lumino tells a view, and the views in it, that they stand on the page.
  if (widget) (widget.constructor as unknown as Lumino).attach(widget, into);
  else into.append(view.el);
  signal.addEventListener("abort", () => takeDown(view), { once: true });
  return view.el;
}

/** Lumino takes down only what stands on the page, and the element around it may have gone first. */
function takeDown(view: View): void {
  if (!view.el.isConnected) document.body.append(view.el);
  view.remove();
}

function attached(element: HTMLElement, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const look = () =>
      element.isConnected || signal.aborted ? done() : requestAnimationFrame(look);
    look();
  });
}
