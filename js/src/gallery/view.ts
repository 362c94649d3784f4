import { element } from "../controls/element";
import { messages } from "../controls/messages";
import { pager } from "./pager";
import { stage } from "./stage";
import { toolbar } from "./toolbar";
import type { Model } from "./traits";

/** The whole widget: what can be set above, how far it has come, then the rows. */
export function galleryView(model: Model, signal: AbortSignal): HTMLElement {
  return element(
    "div",
    { class: "xcnn" },
    element(
      "div",
      { class: "xcnn-gallery" },
      toolbar(model, signal),
      messages(model, signal),
      pager(model, signal),
      stage(model, signal),
    ),
  );
}
