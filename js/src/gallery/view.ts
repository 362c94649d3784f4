import { element } from "../controls/element";
import { messages } from "../controls/messages";
import { groups } from "./groups";
import { modelChoice } from "./model_choice";
import type { OpenExplorer } from "./open_explorer";
import { overview } from "./overview";
import { pager } from "./pager";
import { stage } from "./stage";
import { toolbar } from "./toolbar";
import type { Model } from "./traits";
import { trustSummary } from "./trust_summary";

/** The whole widget: what can be set above, how far it has come, then the rows. */
export function galleryView(
  model: Model,
  explorer: OpenExplorer,
  signal: AbortSignal,
): HTMLElement {
  return element(
    "div",
    { class: "xcnn" },
    element(
      "div",
      { class: "xcnn-gallery" },
      toolbar(model, signal),
      messages(model, signal),
      modelChoice(model, signal),
      overview(model, signal),
      groups(model, signal),
      trustSummary(model, signal),
      pager(model, explorer.button, signal),
      stage(model, explorer.open, signal),
    ),
  );
}
