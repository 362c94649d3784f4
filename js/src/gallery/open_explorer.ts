import { type Host, isAnswered } from "../atlas/kernel";
import { element, uniqueId } from "../controls/element";
import { choose, follow } from "../controls/model";
import { canNest, isPage, nestView } from "../nested/nested_view";
import type { Model } from "./traits";

export interface OpenExplorer {
  readonly button: HTMLButtonElement;
  /** Where the explorer stands: below the gallery, out of the reach of its styles. */
  readonly place: HTMLElement;
  /** Open it on what is selected. */
  open(): void;
}

const opening = "Opening the explorer …";
const noKernel = "The explorer needs a running kernel: run the cell again.";
const noNesting =
  "This host cannot draw a widget inside another: run gallery.explorer() in a cell of its own.";

/** An explorer below the gallery that shows what is selected; not offered where no kernel can answer it. */
export function openExplorer(model: Model, signal: AbortSignal): OpenExplorer {
  const place = element("div", {
    id: uniqueId("explorer"),
    class: "xcnn-explorer-place",
    hidden: true,
  });
  const button = element(
    "button",
    { type: "button", "data-xcnn": "open-explorer", "aria-controls": place.id },
    "Open in explorer",
  );
  const cannot = isPage(model) || (model.get("_asks_no_model") ?? false);
  button.hidden = cannot;
  let drawn = new AbortController();
  const unfold = (wanted: boolean) => {
    place.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
    button.textContent = wanted ? "Close explorer" : "Open in explorer";
  };
  const draw = () => {
    drawn.abort();
    drawn = new AbortController();
    place.replaceChildren();
    const explorer = model.get("_explorer") ?? null;
    unfold(explorer !== null);
    if (!explorer) return;
    if (!canNest(model)) {
      place.textContent = noNesting;
      return;
    }
    nestView(model, explorer, place, drawn.signal).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      place.textContent = `The explorer cannot be drawn here: ${why}`;
    });
  };
  const notice = (host?: Host) => {
    if (!isAnswered(host)) place.textContent = noKernel;
  };
  const open = () => {
    if (cannot) return;
    unfold(true);
    if (model.get("_explorer")) return;
    if (!canNest(model)) {
      place.textContent = noNesting;
      return;
    }
    place.textContent = opening;
    choose(model, { _explorer_wanted: (model.get("_explorer_wanted") ?? 0) + 1 });
  };
  model.on("change:_explorer_wanted", notice);
  signal.addEventListener(
    "abort",
    () => {
      model.off("change:_explorer_wanted", notice);
      drawn.abort();
    },
    { once: true },
  );
  button.addEventListener("click", () => (place.hidden ? open() : unfold(false)), { signal });
  follow(model, ["_explorer"], draw, signal);
  follow(
    model,
    ["error"],
    () => {
      if (model.get("error") && !model.get("_explorer")) draw();
    },
    signal,
  );
  return { button, place, open };
}
