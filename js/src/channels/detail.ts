import { colourBar } from "../controls/colour_bar";
import { element, setText } from "../controls/element";
import { valueText } from "../controls/number_text";
import type { Model } from "../explainer/traits";
import { colourStrip } from "../pixels/colour";
import { excites } from "./excites";
import { mapFigure, type PaintedLook, trueMap } from "./painted";
import { type Channel, floatsOf, gridOfChannel, shareText } from "./terms";
import type { ChannelLayer } from "./traits";

export interface DetailState {
  readonly channel: Channel | null;
  readonly layer: ChannelLayer;
  readonly target: string;
  readonly look: PaintedLook;
  readonly live: boolean;
}

export interface Detail {
  readonly element: HTMLElement;
  show(state: DetailState): void;
}

/** One channel's own map over the picture, in true values, and what it says of the class. */
export function detail(model: Model, signal: AbortSignal): Detail {
  const figure = mapFigure("channel-map");
  const bar = colourBar();
  const facts = element("p", { "data-xcnn": "channel-facts" });
  const more = excites(model, signal);
  const root = element(
    "div",
    { class: "xcnn-channel", hidden: true },
    element("div", { class: "xcnn-channel-map" }, figure.element, bar.element),
    element("div", { class: "xcnn-channel-facts" }, facts, more.element),
  );
  return {
    element: root,
    show({ channel, layer, target, look, live }) {
      const picture = model.get("_picture");
      root.hidden = channel === null || picture === null;
      if (!channel || !picture) return;
      const { number, share, weight, mean } = channel;
      const [, height, width] = layer.shape;
      const bytes = gridOfChannel(layer.data, layer.shape, number);
      const ends = [floatsOf(layer.low)[number] ?? 0, floatsOf(layer.high)[number] ?? 0] as const;
      const map = trueMap(bytes, [height, width], ends, layer.size);
      figure.paint(picture, map, map, look, `Activation of channel ${number}`);
      bar.show({ range: map, strips: [colourStrip(look.table, 0, look)] });
      const speaks = share === 0 ? "says nothing of" : `speaks ${share > 0 ? "for" : "against"}`;
      const averaged =
        layer.averaged > 1
          ? ` Shown here are means of ${layer.averaged} × ${layer.averaged} cells.`
          : "";
      setText(
        facts,
        `Channel ${number} ${speaks} ${target}: ${shareText(share)} of all channels' terms ` +
          `(weight ${valueText(weight)} × mean activation ${valueText(mean)}).${averaged}`,
      );
      more.show(number, live);
    },
  };
}
