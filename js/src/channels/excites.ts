import { element, setText } from "../controls/element";
import { countText, valueText } from "../controls/number_text";
import { progressBar } from "../controls/progress_bar";
import { choose, follow, type Model } from "../explainer/traits";
import { bytesOf } from "../pixels/decode";
import type { ChannelPicture } from "./traits";

export interface Excites {
  readonly element: HTMLElement;
  show(channel: number, live: boolean): void;
}

/** What else excites a channel: a button, how far the search is, and the pictures that were found. */
export function excites(model: Model, signal: AbortSignal): Excites {
  const button = element(
    "button",
    { type: "button", "data-xcnn": "channel-search" },
    "What else excites this channel?",
  );
  const bar = progressBar(
    () => choose(model, { _channel_cancel: (model.get("_channel_cancel") ?? 0) + 1 }),
    signal,
  );
  const told = element("p", { class: "xcnn-hint", role: "status" });
  const list = element("div", { class: "xcnn-excited", "data-xcnn": "channel-pictures" });
  let channel = -1;
  let urls: string[] = [];
  const forget = () => {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
  };
  let drawn: readonly ChannelPicture[] = [];
  const draw = () => {
    const found = model.get("_channel_pictures");
    const mine = found && found.channel === channel && found.layer === model.get("layer");
    bar.show({ progress: mine ? found.progress : null });
    button.hidden = Boolean(mine && found.progress !== null);
    const seen = mine && found.progress !== null;
    setText(
      told,
      seen
        ? `Looked at ${countText(found.seen)} of ${countText(found.count)} pictures.`
        : mine
          ? found.told
          : "",
    );
    const tiles = mine ? found.tiles : [];
    if (tiles === drawn) return;
    drawn = tiles;
    forget();
    list.replaceChildren(
      ...tiles.map((each) => {
        const url = URL.createObjectURL(new Blob([bytesOf(each.data)]));
        urls.push(url);
        return figure(each, url);
      }),
    );
  };
  button.addEventListener(
    "click",
    () => {
      const times = model.get("_channel_wanted")?.[1] ?? 0;
      choose(model, { _channel_wanted: [channel, times + 1] });
    },
    { signal },
  );
  follow(model, ["_channel_pictures", "layer"], draw, signal);
  signal.addEventListener("abort", forget, { once: true });
  return {
    element: element("div", { class: "xcnn-excites" }, button, bar.element, told, list),
    show(next, live) {
      channel = next;
      button.disabled = !live;
      button.title = live ? "" : "This needs a running kernel.";
      draw();
    },
  };
}

function figure({ name, value, data: _, box, cell }: ChannelPicture, url: string): HTMLElement {
  const [, , height = 1, width = 1] = box;
  const [top = 0, left = 0, tall = 0, wide = 0] = cell;
  const frame = element("span", { class: "xcnn-cell", "aria-hidden": "true" });
  // A cell may reach over the edge of what is shown.
  const [y, x] = [Math.max(0, top), Math.max(0, left)];
  const [bottom, right] = [Math.min(height, top + tall), Math.min(width, left + wide)];
  frame.style.top = `${(100 * y) / height}%`;
  frame.style.left = `${(100 * x) / width}%`;
  frame.style.height = `${(100 * (bottom - y)) / height}%`;
  frame.style.width = `${(100 * (right - x)) / width}%`;
  const said = `${name}: ${valueText(value)}`;
  return element(
    "figure",
    {},
    element("div", { class: "xcnn-crop" }, element("img", { src: url, alt: said }), frame),
    element("figcaption", { title: said }, said),
  );
}
