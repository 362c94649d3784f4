import gallery from "../../src/gallery";
import type { Traits } from "../../src/gallery/traits";
import { FakeModel } from "../fake_model";
import type { Platform } from "../platform";
import { pageTraits } from "./traits";

/** A gallery on the page, with what a test wants to lay its hands on. */
export function open(traits: Partial<Traits> = {}) {
  const model = new FakeModel<Traits>({ ...pageTraits(), ...traits } as Traits);
  return { model, ...view(model) };
}

export function view(model: FakeModel<Traits>) {
  const el = document.body.appendChild(document.createElement("div"));
  const close = gallery.render({ model, el });
  const parts = <E extends Element = HTMLElement>(hook: string) => [
    ...el.querySelectorAll<E>(`[data-xcnn="${hook}"]`),
  ];
  const part = <E extends Element = HTMLElement>(hook: string, at = 0) => parts<E>(hook)[at] as E;
  const tile = (row: number, column: number) =>
    part("row", row).querySelectorAll<HTMLCanvasElement>("[data-xcnn=tile]")[
      column
    ] as HTMLCanvasElement;
  const cell = (row: number, column: number) => part("row", row).children[column] as HTMLElement;
  return { el, close, parts, part, tile, cell };
}

/** Decoding ends in one frame, painting happens in the next. */
export async function painted(platform: Platform): Promise<void> {
  await platform.frame();
  await platform.frame();
}

/** Whether a control, or something around it, is hidden. */
export function hidden(control: Element): boolean {
  return control.closest("[hidden]") !== null;
}

export function enter(control: Element, value: string, event: "input" | "change"): void {
  (control as HTMLInputElement | HTMLSelectElement).value = value;
  control.dispatchEvent(new Event(event));
}

export function press(key: string, ctrlKey = false): void {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true, cancelable: true }),
  );
}
