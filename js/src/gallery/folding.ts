import { element } from "../controls/element";

const narrow = 520;

/** Controls under a title that folds them away. */
export function folding(title: string, ...rows: readonly HTMLElement[]): HTMLDetailsElement {
  return element(
    "details",
    { class: "xcnn-part", open: true },
    element("summary", { class: "xcnn-title" }, title),
    element("div", { class: "xcnn-group" }, ...rows),
  );
}

/** Where there is little room at first, fold all groups but the first, so that rows are in sight. */
export function foldNarrow(panels: HTMLElement, signal: AbortSignal): void {
  if (typeof ResizeObserver === "undefined") return;
  const observer = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    if (width === 0) return;
    observer.disconnect();
    if (width >= narrow) return;
    for (const fold of panels.querySelectorAll("details:not(:first-child)")) {
      fold.removeAttribute("open");
    }
  });
  observer.observe(panels);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
