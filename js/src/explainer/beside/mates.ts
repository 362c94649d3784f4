import { colourBar } from "../../controls/colour_bar";
import { element, setText } from "../../controls/element";
import { valueText } from "../../controls/number_text";
import { saidText } from "../../controls/prediction";
import { colourStrip, colourTable } from "../../pixels/colour";
import type { Size } from "../../pixels/decode";
import { type Heatmap, valueAt } from "../../pixels/heatmap";
import { plainPaint } from "../../pixels/painting";
import { differenceOf, differencePixels, onCommonRange } from "../../pixels/two_maps";
import { describePane, type Pane } from "../describe";
import { type Cursor, type PaintedLook, type PaneView, paneView } from "../pane";
import type { ShownPair } from "../shown_pair";
import { drawnStyle, type Model } from "../traits";
import { followSecond } from "./second_pair";

/** The second model's pane and the difference, beside the panes of the first. */
export interface Mates {
  /** Those that show values, for the read-out. */
  readonly panes: readonly PaneView[];
  /** The first model's pair over the range that both have; the same where it stands alone. */
  common(pair: ShownPair): ShownPair;
  /** Paint them, and name the panes of the first; returns what stands beside those. */
  paint(
    first: readonly PaneView[],
    kind: Pane,
    pair: ShownPair,
    look: PaintedLook,
  ): readonly HTMLElement[];
  /** Those that are on screen. */
  shown(): readonly PaneView[];
  /** The values of all maps at a pixel of the first; null where it stands alone. */
  read(at: Cursor): string | null;
}

export function mates(
  model: Model,
  hintId: string,
  changed: () => void,
  signal: AbortSignal,
): Mates {
  let size: Size = [0, 0];
  let second: ShownPair | null = null;
  let here: Heatmap | null = null;
  let there: Heatmap | null = null;
  let difference: Heatmap | null = null;
  const [mate, apart] = [paneOf(hintId, () => size), paneOf(hintId, () => size)];
  const bar = colourBar();
  apart.element.append(bar.element);
  const words = element("p", { class: "xcnn-apart xcnn-hint", "data-xcnn": "no-difference" });
  followSecond(
    model,
    (pair) => {
      second = pair;
      changed();
    },
    signal,
  );
  const names = (): [string, string] => [model.get("model") ?? "", model.get("beside") ?? ""];
  return {
    panes: [mate, apart],
    common(pair) {
      here = pair.heatmap;
      there = difference = null;
      size = pair.pixels.size;
      const beside = model.get("_beside");
      const other = second?.heatmap;
      if (!beside || !pair.heatmap || !other || second?.map !== beside.map) return pair;
      [here, there] = ranged(pair.heatmap, other);
      if (!beside.why_no_difference) difference = subtracted(pair.heatmap, other);
      return { ...pair, heatmap: here };
    },
    paint(first, kind, pair, look) {
      const beside = model.get("_beside");
      if (!beside) return [];
      const [one, other] = names();
      const told = beside.top.map((top) => (top ? `: ${top.name} ${saidText(top)}` : ""));
      first.at(-1)?.name(`${one}${told[0]}`);
      const shown: HTMLElement[] = [];
      if (second && there) {
        const painted = { ...second, heatmap: there, paint: plainPaint(there, drawnStyle(model)) };
        mate.paint(kind, painted, look);
        mate.name(`${other}${told[1]}`);
        const what = describePane(kind, painted, model.get("_methods"));
        mate.canvas.setAttribute("aria-label", `${what}, by ${other}`);
        shown.push(mate.element);
      }
      const title = `${other} − ${one}`;
      if (difference && kind !== "picture") {
        const table = colourTable(model.get("_diverging"));
        apart.draw(kind, pair, difference, { ...look, table });
        apart.name(title);
        apart.canvas.setAttribute("aria-label", `Difference of the two maps: ${other} less ${one}`);
        bar.show({ range: difference, strips: [colourStrip(table, 0)] });
        shown.push(apart.element);
      } else if (kind !== "picture") {
        setText(words, beside.why_no_difference || beside.why_not);
        if (words.textContent) shown.push(words);
      }
      return shown;
    },
    shown: () => [mate, apart].filter(({ element }) => element.isConnected),
    read({ x, y }) {
      if (!there) return null;
      const [one, other] = names();
      const value = (map: Heatmap | null) => {
        if (!map) return Number.NaN;
        const [height, width] = map.size;
        const column = Math.floor(((x + 0.5) * width) / size[1]);
        return valueAt(map, column, Math.floor(((y + 0.5) * height) / size[0]));
      };
      const parts = [`${one} ${valueText(value(here))}`, `${other} ${valueText(value(there))}`];
      if (difference) {
        const change = value(difference);
        parts.push(`difference ${change > 0 ? "+" : ""}${valueText(change)}`);
      }
      return parts.join(", ");
    },
  };
}

interface MatePane extends PaneView {
  draw(pane: Pane, pair: ShownPair, difference: Heatmap, look: PaintedLook): void;
}

/** A pane whose cursor counts the pixels of the first model's picture. */
function paneOf(hintId: string, size: () => Size): MatePane {
  const pane = paneView(hintId);
  return {
    ...pane,
    size,
    mark(at) {
      const [height, width] = size();
      const scale = { x: pane.canvas.width / width, y: pane.canvas.height / height };
      pane.mark(at && { x: (at.x + 0.5) * scale.x - 0.5, y: (at.y + 0.5) * scale.y - 0.5 });
    },
    draw(kind, pair, heatmap, look) {
      const whole = { ...look, threshold: 0, topShare: 1, wipe: 1 };
      pane.paint("heatmap", { ...pair, heatmap, paint: plainPaint(heatmap, "heat") }, whole);
      pane.canvas.dataset.pane = "difference";
      if (kind !== "overlay") return;
      const painted = differencePixels(pair.pixels.rgba, heatmap.values, look);
      const [height, width] = pair.pixels.size;
      pane.canvas.getContext("2d")?.putImageData(new ImageData(painted, width, height), 0, 0);
    },
  };
}

// A look that is dragged paints the same maps many times.
const ranged = lately(onCommonRange);
const subtracted = lately(differenceOf);

function lately<R>(
  compute: (one: Heatmap, other: Heatmap) => R,
): (one: Heatmap, other: Heatmap) => R {
  let last: { readonly one: Heatmap; readonly other: Heatmap; readonly result: R } | null = null;
  return (one, other) => {
    if (last?.one !== one || last.other !== other)
      last = { one, other, result: compute(one, other) };
    return last.result;
  };
}
