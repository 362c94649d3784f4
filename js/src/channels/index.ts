import { notSavedHere } from "../atlas/words";
import { choiceSelect } from "../controls/choice_select";
import { element, setText } from "../controls/element";
import { foldedPanel, type Place } from "../controls/folded_panel";
import { group } from "../controls/group";
import { countText } from "../controls/number_text";
import { oncePerFrame } from "../controls/once_per_frame";
import { choose, follow, type Model } from "../explainer/traits";
import { colourTable } from "../pixels/colour";
import { detail } from "./detail";
import { sheet } from "./sheet";
import { switching } from "./switching";
import { type Channel, channelsOf, floatsOf, type Order, ordered, strongest } from "./terms";
import type { ChannelLayer, ChannelWeights } from "./traits";

const mostSpoken = 6;
const notSaved = "The channels of what is chosen now are not saved here";

/** The panel about the channels of the layer chosen: which speak for the class, and which against it. */
export function channelsPanel(model: Model, signal: AbortSignal): HTMLElement {
  const panel = foldedPanel(
    model,
    {
      title: "Channels of this layer",
      hook: "channels",
      open: "channels_open",
      content: (place) => content(model, place),
    },
    signal,
  );
  // Grids lie over pictures; of signals and volumes `channels()` tells the numbers.
  follow(
    model,
    ["_picture", "_layers"],
    () => {
      const flat = (model.get("_picture")?.size.length ?? 2) === 2;
      panel.hidden = !flat || model.get("_layers").length === 0;
    },
    signal,
  );
  return panel;
}

function content(model: Model, { signal, live }: Place): HTMLElement {
  let chosen: number | null = null;
  let order: Order = "share";
  const pick = (number: number) => {
    chosen = chosen === number ? null : number;
    schedule();
  };
  const turn = (number: number, on: boolean) => {
    const off = new Set(model.get("channels_off") ?? []);
    if (on) off.delete(number);
    else off.add(number);
    choose(model, { channels_off: [...off].sort((one, other) => one - other) });
  };
  const options = { pick, turn, signal };
  const speaking = sheet({ label: "Speak most for the class", hook: "channels-for", ...options });
  const against = sheet({ label: "Speak most against it", hook: "channels-against", ...options });
  const all = sheet({ label: "All channels", hook: "channels-all", ...options });
  const without = switching(() => choose(model, { channels_off: [] }), signal);
  const one = detail(model, signal);
  const sort = choiceSelect({
    label: "Sorted by",
    hook: "channels-order",
    choose(value) {
      order = value as Order;
      all.element.scrollTop = 0;
      schedule();
    },
    signal,
  });
  const told = element("p", { class: "xcnn-hint" });
  const forTitle = group("", speaking.element);
  const againstTitle = group("", against.element);
  const whole = group("", sort.element, all.element);
  const rest = element(
    "div",
    { class: "xcnn-channels" },
    element("div", { class: "xcnn-spoken" }, forTitle, againstTitle),
    one.element,
    without.element,
    whole,
  );
  let known: Known | null = null;

  const draw = () => {
    const found = knownOf(model, known);
    const fits = found !== null && belongs(model, found);
    if (fits || live()) known = found;
    rest.hidden = !known || !(fits || live());
    rest.classList.toggle("xcnn-stale", !fits);
    if (!known || rest.hidden) {
      setText(told, live() ? waitingText(model) : notSavedHere(model, notSaved));
      return;
    }
    const { layer, weights, channels } = known;
    const target = weights.target.name;
    const off = model.get("channels_off") ?? [];
    if (chosen !== null && chosen >= channels.length) chosen = null;
    const table = colourTable(model.get("_colormaps")[model.get("colormap")]);
    const blend = model.get("blend") ?? ("even" as const);
    const look = { opacity: model.get("opacity"), blend, table };
    const count = countText(channels.length);
    setText(
      told,
      `${count} channels of ${layer.layer}. Weight × activation of all of them, summed up, is the ` +
        "map of Grad-CAM. A share is a channel's mean term over the sum of all terms' absolute " +
        "values. Each tile is coloured between its own least and greatest activation.",
    );
    title(forTitle, `Speak most for ${target}`);
    title(againstTitle, `Speak most against ${target}`);
    title(whole, `All ${count} channels`);
    const shared = { layer, table, target, off: new Set(off), chosen };
    speaking.show({ ...shared, channels: strongest(channels, 1, mostSpoken) });
    against.show({ ...shared, channels: strongest(channels, -1, mostSpoken) });
    all.show({ ...shared, channels: ordered(channels, order) });
    sort.show({ choices: orders, value: order });
    const channel = chosen === null ? null : (channels[chosen] ?? null);
    one.show({ channel, layer, target, look, live: live() });
    const after = model.get("_channels_after") ?? null;
    const same = after?.layer === layer.layer && after.image_index === layer.image_index;
    const picture = model.get("_picture");
    without.show({ off, after: same ? after : null, picture, look, live: live() });
  };
  const schedule = oncePerFrame(draw, signal);
  follow(
    model,
    [
      "_channel_layer",
      "_channel_weights",
      "_channels_after",
      "channels_off",
      "_map",
      "_picture",
      "layer",
      "colormap",
      "opacity",
      "blend",
      "error",
    ],
    schedule,
    signal,
  );
  return element("div", { class: "xcnn-channels-body" }, told, rest);
}

const orders = [
  { value: "share", label: "share, for the class first" },
  { value: "mean", label: "mean activation, greatest first" },
  { value: "number", label: "number" },
];

interface Known {
  readonly layer: ChannelLayer;
  readonly weights: ChannelWeights;
  readonly channels: readonly Channel[];
}

/** Grids and weights of one layer on one picture; they come one after the other. */
function knownOf(model: Model, before: Known | null): Known | null {
  const [layer, weights] = [model.get("_channel_layer"), model.get("_channel_weights")];
  if (!layer || !weights) return null;
  if (layer.layer !== weights.layer || layer.image_index !== weights.image_index) return before;
  if (before?.layer === layer && before.weights === weights) return before;
  const channels = channelsOf(floatsOf(weights.data), floatsOf(layer.mean));
  return { layer, weights, channels };
}

/** Whether they are of what is shown. */
function belongs(model: Model, { layer, weights }: Known): boolean {
  const [picture, map] = [model.get("_picture"), model.get("_map")];
  return (
    layer.layer === model.get("layer") &&
    layer.image_index === picture?.index &&
    (!map || weights.target.index === map.target.index)
  );
}

function waitingText(model: Model): string {
  return model.get("error") ? "" : "Looking at the channels …";
}

function title(group: HTMLElement, text: string): void {
  if (group.firstElementChild) setText(group.firstElementChild, text);
}
