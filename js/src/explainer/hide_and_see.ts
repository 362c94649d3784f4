import { canRunCells, type Host, isAnswered } from "../atlas/kernel";
import { cellAgain } from "../atlas/words";
import { element, uniqueId } from "../controls/element";
import { canNest, nestView } from "../nested/nested_view";
import { choose, follow, type Model } from "./traits";

export interface HideAndSee {
  readonly button: HTMLButtonElement;
  /** Where the brush stands: below the widget, out of the reach of its styles. */
  readonly place: HTMLElement;
}

const opening = "Opening the brush …";
const noKernel = "The brush needs a running kernel.";

/** A button that opens the brush on what is shown, and folds it away; gone where there is no kernel. */
export function hideAndSee(model: Model, signal: AbortSignal): HideAndSee {
  const place = element("div", { id: uniqueId("brush"), class: "xcnn-brush-place", hidden: true });
  const button = element(
    "button",
    { type: "button", "data-xcnn": "hide-and-see", "aria-controls": place.id },
    "Hide and see",
  );
  // The brush hides parts of pictures, not of signals and volumes.
  const offer = () => {
    button.hidden = !canNest(model) || (model.get("_picture")?.size.length ?? 2) !== 2;
  };
  const open = (wanted: boolean) => {
    place.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  let shown = new AbortController();
  const draw = () => {
    shown.abort();
    shown = new AbortController();
    place.replaceChildren();
    const brush = model.get("_brush");
    open(Boolean(brush));
    if (!brush || !canNest(model)) return;
    nestView(model, brush, place, shown.signal).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      place.textContent = `The brush cannot be drawn here: ${why}`;
    });
  };
  const notice = (host?: Host) => {
    if (!isAnswered(host)) place.textContent = canRunCells(model) ? cellAgain : noKernel;
  };
  model.on("change:_brush_wanted", notice);
  signal.addEventListener("abort", () => model.off("change:_brush_wanted", notice), { once: true });
  follow(model, ["_picture"], offer, signal);
  follow(model, ["_brush"], draw, signal);
  signal.addEventListener("abort", () => shown.abort(), { once: true });
  button.addEventListener(
    "click",
    () => {
      open(place.hidden);
      if (model.get("_brush")) return;
      place.textContent = opening;
      // Which also tells whether anybody listens.
      choose(model, { _brush_wanted: model.get("_brush_wanted") + 1 });
    },
    { signal },
  );
  follow(
    model,
    ["error"],
    () => {
      if (model.get("error") && !model.get("_brush")) draw();
    },
    signal,
  );
  return { button, place };
}
