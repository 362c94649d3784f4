/** Turn the page's wheel over a number that has the focus into scrolling, as it is everywhere else, not into another number. */
export function letWheelScroll(root: HTMLElement, signal: AbortSignal): void {
  root.addEventListener(
    "wheel",
    ({ target }) => {
      if (!(target instanceof HTMLInputElement) || target.type !== "number" || target.readOnly)
        return;
      // Browsers change no number that cannot be typed in, and keep the focus where it is.
      target.readOnly = true;
      setTimeout(() => {
        target.readOnly = false;
      });
    },
    { capture: true, passive: true, signal },
  );
}
