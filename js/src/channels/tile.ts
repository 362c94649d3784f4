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
  let drawn: Pick<TileState, "layer" | "table"> & { number: number } = {
    layer: {} as ChannelLayer,
    table: new Uint8Array(0),
    number: -1,
  };
  return {
    element: root,
    button,
    show({ channel, layer, table, target, on, chosen, stop }) {
      const name = `Channel ${channel.number}`;
      const said = shareText(channel.share);
      root.dataset.channel = String(channel.number);
      root.classList.toggle("xcnn-off", !on);
      root.classList.toggle("xcnn-against", channel.share < 0);
      root.style.setProperty("--share", String(Math.min(1, Math.abs(channel.share))));
      button.setAttribute("aria-label", `${name}, ${said} for ${target}${on ? "" : ", off"}`);
      button.setAttribute("aria-pressed", String(chosen));
      button.tabIndex = box.tabIndex = stop ? 0 : -1;
      box.checked = on;
      box.setAttribute("aria-label", `${name} is on`);
      setText(number, String(channel.number));
      setText(share, said);
      const { layer: before, table: colours, number: last } = drawn;
      if (before === layer && colours === table && last === channel.number) return;
      drawn = { layer, table, number: channel.number };
      paint(canvas, channel.number, layer, table);
    },
  };
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
