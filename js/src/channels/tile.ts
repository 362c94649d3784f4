import { element, setText } from "../controls/element";
import type { ColourTable } from "../pixels/colour";
import { heatmapPixels } from "../pixels/compose";
import { type Channel, gridOfChannel, shareText } from "./terms";
import type { ChannelLayer } from "./traits";

export interface TileState {
  readonly channel: Channel;
  readonly layer: ChannelLayer;
  readonly table: ColourTable;
  readonly target: string;
  readonly on: boolean;
  readonly chosen: boolean;
  /** Whether it is the one that Tab comes to. */
  readonly stop: boolean;
}

export interface Tile {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
  show(state: TileState): void;
}

/** One channel: its small map, its share, and whether it is switched on. What it is asked for bubbles up. */
export function tile(): Tile {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const button = element("button", { type: "button", "data-xcnn": "channel" }, canvas);
  const box = element("input", { type: "checkbox", "data-xcnn": "channel-on" });
  const number = element("span");
  const share = element("span", { class: "xcnn-share" });
  const root = element(
    "div",
    { class: "xcnn-tile" },
    button,
    element("label", {}, box, number),
    share,
  );
  let drawn: TileState | null = null;
  return {
    element: root,
    button,
    show(state) {
      // A click turns it before anybody has agreed.
      box.checked = state.on;
      if (drawn && same(state, drawn)) return;
      const { channel, layer, table, target, on, chosen, stop } = state;
      const name = `Channel ${channel.number}`;
      const said = shareText(channel.share);
      root.dataset.channel = String(channel.number);
      root.classList.toggle("xcnn-off", !on);
      root.classList.toggle("xcnn-against", channel.share < 0);
      root.style.setProperty("--share", String(Math.min(1, Math.abs(channel.share))));
      button.setAttribute("aria-label", `${name}, ${said} for ${target}${on ? "" : ", off"}`);
      button.setAttribute("aria-pressed", String(chosen));
      button.tabIndex = box.tabIndex = stop ? 0 : -1;
      box.setAttribute("aria-label", `${name} is on`);
      setText(number, String(channel.number));
      setText(share, said);
      const painted =
        drawn?.layer === layer && drawn.table === table && drawn.channel.number === channel.number;
      drawn = state;
      if (!painted) paint(canvas, channel.number, layer, table);
    },
  };
}

function same(one: TileState, other: TileState): boolean {
  return (
    one.channel === other.channel &&
    one.layer === other.layer &&
    one.table === other.table &&
    one.target === other.target &&
    one.on === other.on &&
    one.chosen === other.chosen &&
    one.stop === other.stop
  );
}

function paint(
  canvas: HTMLCanvasElement,
  channel: number,
  layer: ChannelLayer,
  table: ColourTable,
): void {
  const [, height, width] = layer.shape;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const bytes = gridOfChannel(layer.data, layer.shape, channel);
  const values = Float32Array.from(bytes, (byte) => byte / 255);
  const data = new ImageData(heatmapPixels(values, { threshold: 0, table }), width, height);
  canvas.getContext("2d")?.putImageData(data, 0, 0);
}
