import { colourBar } from "../controls/colour_bar";
import { element, setText } from "../controls/element";
import { countText } from "../controls/number_text";
import { saidText } from "../controls/prediction";
import type { AttributionMap, Picture } from "../explainer/traits";
import { colourStrip } from "../pixels/colour";
import { gridOf, type Size } from "../pixels/decode";
import { mapFigure, type PaintedLook, trueMap } from "./painted";
import type { ChannelsAfter } from "./traits";

export interface SwitchingState {
  readonly off: readonly number[];
  /** What became of it; none while it is not known. */
  readonly after: ChannelsAfter | null;
  readonly picture: Picture | null;
  readonly look: PaintedLook;
  readonly live: boolean;
}

export interface Switching {
  readonly element: HTMLElement;
  show(state: SwitchingState): void;
}

/** What the network says without the channels that are switched off. */
export function switching(allOn: () => void, signal: AbortSignal): Switching {
  const status = element("p", { role: "status", "data-xcnn": "channels-off" });
  const undo = element(
    "button",
    { type: "button", "data-xcnn": "channels-on" },
    "Switch all on again",
  );
  undo.addEventListener("click", allOn, { signal });
  const [before, after] = [mapFigure("map-before"), mapFigure("map-after")];
  const bar = colourBar();
  const list = element("ul", { class: "xcnn-changes" });
  const found = element(
    "div",
    { class: "xcnn-without" },
    element("div", { class: "xcnn-two" }, before.element, after.element),
    bar.element,
    list,
  );
  const root = element(
    "div",
    { class: "xcnn-switching", hidden: true },
    element("div", { class: "xcnn-switching-head" }, status, undo),
    found,
  );
  return {
    element: root,
    show({ off, after: made, picture, look, live }) {
      root.hidden = off.length === 0;
      if (root.hidden) return;
      const named = off.slice(0, 8).join(", ") + (off.length > 8 ? ", …" : "");
      const count = off.length === 1 ? "1 channel" : `${countText(off.length)} channels`;
      const known = made !== null && String(made.off) === String(off) ? made : null;
      found.classList.toggle("xcnn-stale", known === null);
      found.hidden = made === null;
      const explained = known?.changes[0];
      const told = explained
        ? `${explained.after.name} ${saidText(explained.before)} → ${saidText(explained.after)}`
        : live
          ? "asking the network …"
          : "what the network then says needs a running kernel";
      setText(status, `${count} off (${named}): ${told}`);
      if (!made || !picture || made.image_index !== picture.index) return;
      const maps = [made.before, made.after].map(mapOf);
      const low = Math.min(...maps.map((map) => map.low));
      const high = Math.max(...maps.map((map) => map.high));
      const without =
        made.off.length === 1 ? "1 channel" : `${countText(made.off.length)} channels`;
      const captions = ["Grad-CAM with all channels", `Grad-CAM without ${without}`];
      for (const [i, figure] of [before, after].entries()) {
        const map = maps[i];
        if (map) figure.paint(picture, map, { low, high }, look, captions[i] ?? "");
      }
      bar.show({ range: { low, high }, strips: [colourStrip(look.table, 0, look)] });
      list.replaceChildren(
        ...made.changes.map((change) =>
          element(
            "li",
            {},
            element("span", { class: "xcnn-class-name" }, change.after.name),
            element("span", {}, `${saidText(change.before)} → ${saidText(change.after)}`),
          ),
        ),
      );
    },
  };
}

function mapOf({ data, shape, size, range }: AttributionMap) {
  return trueMap(gridOf(data, shape), shape as Size, range, size as Size);
}
