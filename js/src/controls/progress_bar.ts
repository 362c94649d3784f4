import type { Control } from "./control";
import { element } from "./element";

/** How far running work has come, with a button that stops it; nothing when none runs. */
export function progressBar(cancel: () => void, signal: AbortSignal): Control<number | null> {
  const bar = element("progress", { max: 1, "data-xcnn": "progress", "aria-label": "Computing" });
  const percent = element("span", { class: "xcnn-percent", "aria-hidden": "true" });
  const button = element("button", { type: "button", "data-xcnn": "cancel" }, "Cancel");
  button.addEventListener("click", cancel, { signal });
  const row = element("div", { class: "xcnn-progress", hidden: true }, bar, percent, button);
  return {
    element: row,
    show(progress) {
      row.hidden = progress === null;
      bar.value = progress ?? 0;
      percent.textContent = `${Math.round(100 * (progress ?? 0))}%`;
    },
  };
}
