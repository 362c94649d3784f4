import { element, setText } from "../controls/element";
import { group } from "../controls/group";
import { percentText, valueText } from "../controls/number_text";
import type { Picture } from "../explainer/traits";
import { gridOf } from "../pixels/decode";
import { decoded, type Pixels } from "../pixels/picture";
import { chart } from "./chart";
import { stepSlider } from "./step_slider";
import type { Curves, Removed, Rival } from "./traits";

interface Shown {
  readonly found: Removed;
  readonly picture: Picture | null;
  readonly target: string;
  readonly step: number;
}

const rivals: readonly [Rival, string][] = [
  ["map", "this map"],
  ["random", "random order"],
  ["sobel", "edges (Sobel)"],
];

/** The picture without its hottest pixels, and what the network says while they go, or come. */
export function remove(change: (step: number) => void, signal: AbortSignal) {
  const slider = stepSlider("Take away", "trust-share", change, signal);
  const canvas = element("canvas", { role: "img", "data-xcnn": "trust-removed-picture" });
  const caption = element("figcaption", {});
  const deletion = chart("trust-deletion", signal);
  const insertion = chart("trust-insertion", signal);
  const sentence = element("p", { class: "xcnn-verdict", "data-xcnn": "trust-removed" });
  let latest = {};
  return {
    element: group(
      "Remove pixels",
      sentence,
      slider.element,
      element(
        "div",
        { class: "xcnn-removed" },
        element("figure", { class: "xcnn-map-figure" }, canvas, caption),
        element("div", { class: "xcnn-charts" }, deletion.element, insertion.element),
      ),
    ),
    show({ found, picture, target, step }: Shown) {
      const said = (value: number) =>
        found.is_probability ? percentText(value) : valueText(value);
      const last = found.shares.length - 1;
      const at = Math.min(step, last);
      const share = (place: number) => `${Math.round(100 * (found.shares[place] ?? 0))}%`;
      setText(sentence, found.sentence);
      slider.show({ last, step: at, text: `the hottest ${share(at)}` });
      const every = [found.deletion, found.insertion].flatMap((curves) =>
        rivals.flatMap(([rival]) => curves[rival]),
      );
      const ends = found.is_probability ? ([0, 1] as const) : spanOf(every);
      const endTexts = [said(ends[0]), said(ends[1])] as const;
      const draw = (where: typeof deletion, title: string, verb: string, curves: Curves) =>
        where.show({
          title,
          lines: rivals.map(([rival, name]) => ({ name, values: curves[rival] })),
          ends,
          endTexts,
          step: at,
          said: (place) =>
            `${share(place)} ${verb}: ${rivals
              .map(([rival, name]) => `${name} ${said(curves[rival][place] ?? 0)}`)
              .join(", ")}.`,
        });
      draw(deletion, `${target} while the hottest pixels go`, "gone", found.deletion);
      draw(insertion, `${target} while the hottest pixels come`, "there", found.insertion);
      const words = `Without the hottest ${share(at)}: ${target} ${said(found.deletion.map[at] ?? 0)}`;
      setText(caption, words);
      canvas.setAttribute("aria-label", words);
      const mine = {};
      latest = mine;
      const paint = (pixels: Pixels) => {
        if (latest === mine) paintWithout(canvas, pixels, found, at);
      };
      const pixels = picture ? decoded(picture.data) : null;
      // What cannot be decoded is told by the stage.
      if (pixels instanceof Promise) pixels.then(paint, () => undefined);
      else if (pixels) paint(pixels);
    },
  };
}

/** Paint a picture whose hottest pixels have its mean colour. */
function paintWithout(canvas: HTMLCanvasElement, pixels: Pixels, found: Removed, step: number) {
  const [height, width] = pixels.size;
  const fits = found.size[0] === height && found.size[1] === width;
  canvas.hidden = !fits;
  if (!fits) return;
  canvas.width = width;
  canvas.height = height;
  const painted = withoutHottest(pixels.rgba, gridOf(found.order, found.size), step);
  canvas.getContext("2d")?.putImageData(new ImageData(painted, width, height), 0, 0);
}

/** Pixels of which those that are gone after a step have the mean colour of all. */
export function withoutHottest(
  rgba: Uint8ClampedArray,
  order: Uint8Array,
  step: number,
): Uint8ClampedArray<ArrayBuffer> {
  const mean = [0, 0, 0];
  for (let i = 0; i < rgba.length; i++) {
    if (i % 4 < 3) mean[i % 4] = (mean[i % 4] as number) + (rgba[i] as number);
  }
  const painted = new Uint8ClampedArray(rgba);
  for (let i = 0; i < order.length; i++) {
    if ((order[i] as number) > step) continue;
    for (let channel = 0; channel < 3; channel++) {
      painted[4 * i + channel] = (mean[channel] as number) / order.length;
    }
  }
  return painted;
}

function spanOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
