/**
 * Say to screen readers what ipywidgets leaves out: a slider's handle gets the label beside it, and
 * a thumbnail says nothing, for the button below it tells all.
 */
export function nameParts(root: Element, signal: AbortSignal): void {
  const name = () => {
    for (const handle of root.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-inline-hbox")?.querySelector("label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
    for (const image of root.querySelectorAll("img:not([alt])")) image.setAttribute("alt", "");
  };
  // ipywidgets makes a handle anew when its range changes.
  const changes = new MutationObserver(name);
  changes.observe(root, { childList: true, subtree: true });
  signal.addEventListener("abort", () => changes.disconnect(), { once: true });
  name();
}
