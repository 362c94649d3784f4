import { mapFigure, type PaintedLook, trueMap } from "../channels/painted";
import { colourBar } from "../controls/colour_bar";
import { element, setText } from "../controls/element";
import { group } from "../controls/group";
import type { Picture } from "../explainer/traits";
import { colourStrip } from "../pixels/colour";
import { gridOf, type Size } from "../pixels/decode";
import { chart } from "./chart";
import { stepSlider } from "./step_slider";
import type { Randomised } from "./traits";

interface Shown {
  readonly found: Randomised;
  readonly picture: Picture | null;
  readonly look: PaintedLook;
  readonly step: number;
}

const ends = "0 is the least value of each map, and 1 its greatest";

/** Of maps whose hottest pixels look alike. */
function clippedEnds(share: number): string {
  return `0 is the least value of each map, and 1 where the hottest ${Math.round(100 * (1 - share))}% of its pixels begin`;
}

/** The map while the network's layers become random, from the classifier down. */
export function randomise(change: (step: number) => void, signal: AbortSignal) {
  const slider = stepSlider("Random layers", "trust-step", change, signal);
  const [trained, random] = [mapFigure("trust-trained"), mapFigure("trust-random")];
  const bar = colourBar();
  const line = chart("trust-correlation", signal);
  const sentence = element("p", { class: "xcnn-verdict", "data-xcnn": "trust-randomised" });
  return {
    element: group(
      "Randomise the network",
      sentence,
      slider.element,
      element("div", { class: "xcnn-two" }, trained.element, random.element),
      bar.element,
      line.element,
    ),
    show({ found, picture, look, step }: Shown) {
      const { labels, correlation, shape } = found;
      const [steps, rows, columns] = shape;
      const at = Math.min(step, steps - 1);
      setText(sentence, found.sentence);
      slider.show({ last: steps - 1, step: at, text: labels[at] ?? "" });
      const said = (place: number) =>
        `Random: ${labels[place] ?? ""}. Rank correlation ${(correlation[place] ?? 0).toFixed(2)}.`;
      line.show({
        title: "Rank correlation with the trained network's map",
        lines: [{ name: "this map", values: correlation }],
        ends: [Math.min(0, ...correlation), 1],
        endTexts: [Math.min(0, ...correlation).toFixed(1), "1"],
        step: at,
        said,
      });
      if (!picture) return;
      const grids = gridOf(found.data, shape);
      // Over the picture single pixels are lost, and its own edges look like those of the map.
      const clipped = found.clipped_at ?? null;
      const own = clipped === null ? look : { ...look, opacity: 1, blend: "even" as const };
      const alone = clipped === null ? "" : " (the maps alone)";
      bar.show({
        range: { low: 0, high: 1 },
        strips: [colourStrip(own.table, 0, own)],
        note: clipped === null ? ends : clippedEnds(clipped),
      });
      const paint = (figure: typeof trained, place: number, words: string) => {
        const grid = grids.subarray(place * rows * columns, (place + 1) * rows * columns);
        const map = trueMap(grid, [rows, columns], [0, 1], picture.size as Size);
        figure.paint(picture, map, { low: 0, high: 1 }, own, words);
      };
      paint(trained, 0, `The trained network${alone}`);
      paint(random, at, at === 0 ? "No layer is random yet" : `Random: ${labels[at]}`);
    },
  };
}
