import { notSavedHere } from "../atlas/words";
import { element, setText } from "../controls/element";
import { foldedPanel, mayAnswer, type Place } from "../controls/folded_panel";
import { group } from "../controls/group";
import { oncePerFrame } from "../controls/once_per_frame";
import { progressBar } from "../controls/progress_bar";
import { choose, follow, type Model } from "../explainer/traits";
import { colourTable } from "../pixels/colour";
import { randomise } from "./randomise";
import { remove } from "./remove";
import type { Trust } from "./traits";

const notSaved = "What this map is worth was not saved here";

/** The panel "Can I trust it?": random networks, pixels that go, and another class. */
export function trustPanel(model: Model, signal: AbortSignal): HTMLElement {
  const panel = foldedPanel(
    model,
    {
      title: "Can I trust it?",
      hook: "trust",
      open: "trust_open",
      content: (place) => content(model, place),
    },
    signal,
  );
  // Of signals and volumes the metrics answer on tensors; a page tells what was saved, and asks nobody.
  follow(
    model,
    ["_picture", "_trust"],
    () => {
      const isFlat = (model.get("_picture")?.size.length ?? 2) === 2;
      panel.hidden = !isFlat || !(mayAnswer(model) || model.get("_trust"));
    },
    signal,
  );
  return panel;
}

function content(model: Model, { signal, live }: Place): HTMLElement {
  let [random, gone] = [1, 4];
  const told = element("p", { class: "xcnn-hint", role: "status" });
  const bar = progressBar(
    () => choose(model, { _trust_cancel: (model.get("_trust_cancel") ?? 0) + 1 }),
    signal,
  );
  const again = element("button", { type: "button", "data-xcnn": "trust-again" }, "Find out");
  again.addEventListener(
    "click",
    () => choose(model, { _trust_wanted: (model.get("_trust_wanted") ?? 0) + 1 }),
    { signal },
  );
  const layers = randomise((step) => {
    random = step;
    schedule();
  }, signal);
  const pixels = remove((step) => {
    gone = step;
    schedule();
  }, signal);
  const alike = element("p", { class: "xcnn-verdict", "data-xcnn": "trust-other" });
  const other = group("Another class", alike);
  const why = element("ul", { class: "xcnn-why" });
  const rest = element("div", { class: "xcnn-trust" }, layers.element, pixels.element, other, why);

  const draw = () => {
    const found = model.get("_trust") ?? null;
    const progress = model.get("_trust_progress") ?? null;
    const fits = found !== null && belongs(model, found);
    bar.show({ progress: live() ? progress : null });
    again.hidden = !live() || progress !== null || fits;
    rest.hidden = !fits;
    const waits = live() && progress !== null && !fits;
    setText(told, fits ? "" : waits ? "Looking …" : live() ? "" : notSavedHere(model, notSaved));
    if (!fits || !found) return;
    const picture = model.get("_picture");
    const look = {
      opacity: model.get("opacity"),
      blend: model.get("blend") ?? ("even" as const),
      table: colourTable(model.get("_colormaps")[model.get("colormap")]),
    };
    layers.element.hidden = !found.randomised;
    if (found.randomised) layers.show({ found: found.randomised, picture, look, step: random });
    pixels.element.hidden = !found.removed;
    const target = found.target.name;
    if (found.removed) pixels.show({ found: found.removed, picture, target, step: gone });
    other.hidden = !found.other;
    if (found.other) setText(alike, found.other.sentence);
    why.replaceChildren(...Object.values(found.why).map((reason) => element("li", {}, reason)));
    why.hidden = why.childElementCount === 0;
  };
  const schedule = oncePerFrame(draw, signal);
  follow(
    model,
    [
      "_trust",
      "_trust_progress",
      "_map",
      "_picture",
      "method",
      "colormap",
      "opacity",
      "blend",
      "error",
    ],
    schedule,
    signal,
  );
  return element("div", { class: "xcnn-trust-body" }, told, bar.element, again, rest);
}

/** Whether it is about the map that is shown. */
function belongs(model: Model, found: Trust): boolean {
  const map = model.get("_map");
  return (
    (found.model ?? null) === (model.get("model") ?? null) &&
    found.image_index === model.get("_picture")?.index &&
    found.method === model.get("method") &&
    (found.layer === null || found.layer === model.get("layer")) &&
    (!map || found.target.index === map.target.index)
  );
}
