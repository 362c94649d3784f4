import { keepKeys } from "./own_keys";
import { letWheelScroll } from "./wheel";

/** What holds for all that a widget draws into its element, nested widgets and later controls too. */
export function host(el: HTMLElement, signal: AbortSignal): void {
  keepKeys(el, signal);
  letWheelScroll(el, signal);
}
