import type { AnyModel } from "@anywidget/types";
import { element, setText } from "./element";
import { choose, follow } from "./model";
import { progressBar } from "./progress_bar";

export interface MessageTraits {
  status: string;
  error: string;
  note: string;
  progress: number | null;
  _cancel: number;
  /** Whether the work under way shows an estimate, which stays when it is stopped. */
  _keeps_estimate?: boolean;
}

/** Error, progress with Cancel, status and note. */
export function messages(model: AnyModel<MessageTraits>, signal: AbortSignal): HTMLElement {
  const status = element("p", {
    class: "xcnn-status",
    role: "status",
    "aria-live": "polite",
    "data-xcnn": "status",
  });
  const error = element("p", { class: "xcnn-error", role: "alert", "data-xcnn": "error" });
  const note = element("p", { class: "xcnn-note", "data-xcnn": "note" });
  const progress = progressBar(() => choose(model, { _cancel: model.get("_cancel") + 1 }), signal);
  follow(
    model,
    ["status", "error", "note", "progress", "_keeps_estimate"],
    () => {
      setText(status, model.get("status"));
      setText(error, model.get("error"));
      setText(note, model.get("note"));
      progress.show({
        progress: model.get("progress"),
        keeps: model.get("_keeps_estimate") ?? false,
      });
    },
    signal,
  );
  return element("div", { class: "xcnn-messages" }, error, progress.element, status, note);
}
