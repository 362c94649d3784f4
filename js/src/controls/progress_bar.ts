import type { Control } from "./control";
import { element, setText } from "./element";

interface Shown {
  /** The share done, 0 as long as nobody can tell; `null` where no work runs. */
  readonly progress: number | null;
  /** Whether what is shown so far stays when the work is stopped. */
  readonly keeps?: boolean;
}

/** How far running work has come, with a button that stops it; nothing when none runs. */
export function progressBar(cancel: () => void, signal: AbortSignal): Control<Shown> {
  const bar = element("progress", { max: 1, "data-xcnn": "progress", "aria-label": "Computing" });
  const percent = element("span", { class: "xcnn-percent", "aria-hidden": "true" });
  const button = element("button", { type: "button", "data-xcnn": "cancel" }, "Cancel");
  button.addEventListener("click", cancel, { signal });
  const row = element("div", { class: "xcnn-progress", hidden: true }, bar, percent, button);
  return {
    element: row,
    show({ progress, keeps = false }) {
      row.hidden = progress === null;
      // Of work that does not tell how far it is, the bar only says that it runs.
      if (progress) bar.value = progress;
      else bar.removeAttribute("value");
      setText(percent, progress ? `${Math.round(100 * progress)}%` : "");
      setText(button, keeps ? "Stop" : "Cancel");
      button.title = keeps ? "Stop, and keep the estimate so far" : "";
    },
  };
}
