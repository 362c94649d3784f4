import { element, uniqueId } from "../controls/element";
import { canNest, nestView } from "../nested/nested_view";
import { choose, follow, type Model } from "./traits";

export interface HideAndSee {
  readonly button: HTMLButtonElement;
  /** Where the brush stands: below the widget, out of the reach of its styles. */
  readonly place: HTMLElement;
}

const opening = "Opening the brush; this needs a running kernel …";

/** A button that opens the brush on what is shown, and folds it away; gone where there is no kernel. */
export function hideAndSee(model: Model, signal: AbortSignal): HideAndSee {
  const place = element("div", { id: uniqueId("brush"), class: "xcnn-brush-place", hidden: true });
  const button = element(
    "button",
    { type: "button", "data-xcnn": "hide-and-see", "aria-controls": place.id },
    "Hide and see",
  );
  button.hidden = !canNest(model);
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
      place.textContent = `The brush cannot be drawn here: ${String(cause)}`;
    });
  };
  follow(model, ["_brush"], draw, signal);
  signal.addEventListener("abort", () => shown.abort(), { once: true });
  button.addEventListener(
    "click",
    () => {
      open(place.hidden);
      if (model.get("_brush")) return;
      place.textContent = opening;
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
