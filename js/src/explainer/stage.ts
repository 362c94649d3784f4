import { colourBar } from "../controls/colour_bar";
import { element, setText, uniqueId } from "../controls/element";
import { oncePerFrame } from "../controls/once_per_frame";
import { readingOf } from "../controls/reading_choice";
import { colourTable, type Strip } from "../pixels/colour";
import { usualLevels } from "../pixels/contours";
import type { Heatmap } from "../pixels/heatmap";
import { type Paint, paintFor, stripOf } from "../pixels/painting";
import { mates as matesOf } from "./beside/mates";
import { describePane, fileName, type Pane } from "./describe";
import { marksView } from "./marks";
import { type Cursor, type PaintedLook, type PaneView, paneView } from "./pane";
import { readout } from "./readout";
import { type Format, save } from "./save/download";
import { type SavedBar, type SavedPane, scaleOf } from "./save/sheet";
import { followPair, type ShownPair, type ShownPairs } from "./shown_pair";
import { signalPane } from "./signal_pane";
import { sliceSlider } from "./slices";
import { choose, drawnStyle, follow, type Model } from "./traits";

export interface Stage {
  readonly element: HTMLElement;
  /** Download what is shown. */
  save(format: Format): Promise<void>;
}

const keysHint =
  "Arrow keys move a cross over the picture, with Shift by ten pixels; Escape takes it away. " +
  "Of a volume, Page Up and Page Down go through the slices.";

const askingHint = "Click the picture, or press Enter at the cross, to explain one pixel.";

/** The picture, its heatmap and their overlay on canvases, a colour bar and a read-out. */
export function stage(model: Model, signal: AbortSignal): Stage {
  const hintId = uniqueId("keys");
  const flat = Array.from({ length: 3 }, () => paneView(hintId));
  const plots = Array.from({ length: 3 }, () => signalPane(hintId));
  const bar = colourBar();
  const schedule = oncePerFrame(() => paint(), signal);
  const mates = matesOf(model, hintId, schedule, signal);
  const values = readout([...flat, ...plots, ...mates.panes], bar, signal, mates.read);
  const marks = flat.map((pane) => {
    const view = marksView((target) => choose(model, { target }), signal);
    pane.canvas.after(view.element);
    askAt(pane.canvas, () => values.at(), signal);
    return view;
  });
  const told = () => readingOf(model.get("_reading"));
  function askAt(canvas: HTMLCanvasElement, at: () => Cursor | null, end: AbortSignal): void {
    const ask = () => {
      const where = at();
      if (where && told().tells_areas && told().can_ask) {
        choose(model, { pixel: [where.y, where.x] });
      }
    };
    canvas.addEventListener("click", ask, { signal: end });
    canvas.addEventListener("keydown", (event) => event.key === "Enter" && ask(), { signal: end });
  }
  const trouble = element("p", { class: "xcnn-trouble", role: "alert" });
  const asking = element("p", { class: "xcnn-hint" });
  const waiting = element("p", { class: "xcnn-waiting" }, "Waiting for the picture …");
  const row = element("div", { class: "xcnn-panes" }, waiting);
  const slices = sliceSlider(row, (slice) => model.set("slice", slice), signal);
  let pairs: ShownPairs | null = null;
  let shown: readonly PaneView[] = [];
  let pair: ShownPair | null = null;
  let kinds: readonly Pane[] = [];
  let savedBar: SavedBar | null = null;
  let shownMap: Heatmap | null = null;

  const paint = () => {
    const alone = pairs?.at(model.get("slice") ?? 0) ?? null;
    pair = alone && mates.common(alone);
    values.element.hidden = pair === null;
    if (!pair) {
      bar.element.hidden = slices.element.hidden = true;
      return row.replaceChildren(waiting);
    }
    const look = {
      opacity: model.get("opacity"),
      blend: model.get("blend") ?? ("even" as const),
      threshold: model.get("threshold"),
      topShare: model.get("top_share") ?? 1,
      levels: usualLevels,
      wipe: model.get("wipe"),
      table: colourTable(model.get("_colormaps")[model.get("colormap")]),
      diverging: colourTable(model.get("_diverging")),
    };
    const { map, heatmap } = pair;
    const paint = map && heatmap && paintFor(map, heatmap, drawnStyle(model));
    const display = model.get("display");
    const all: readonly Pane[] = model.get("_beside")
      ? ["picture", "overlay"]
      : ["picture", "heatmap", "overlay"];
    kinds = display === "side_by_side" ? all : [display];
    shown = (pair.signal ? plots : flat).slice(0, kinds.length);
    for (const [i, pane] of shown.entries()) {
      const kind = kinds[i] ?? "overlay";
      pane.paint(kind, { ...pair, paint }, look);
      pane.canvas.setAttribute("aria-label", describePane(kind, pair, model.get("_methods")));
    }
    const beside = mates.paint(shown, kinds.at(-1) ?? "overlay", pair, look);
    const panes = [...shown.map((pane) => pane.element), ...beside];
    if (panes.length !== row.children.length || panes.some((pane, i) => pane !== row.children[i])) {
      row.replaceChildren(...panes);
    }
    const explained = pair.map?.target.index ?? null;
    for (const view of marks) {
      if (model.get("outlines") ?? true)
        view.show(pair.picture, explained, model.get("pixel") ?? null);
      else view.hide();
    }
    setText(asking, told().tells_areas && told().can_ask ? askingHint : "");
    const hasBar = paint !== null && display !== "picture";
    savedBar = hasBar
      ? { range: paint.ends, strips: strips(kinds, paint, look), note: paint.note }
      : null;
    shownMap = paint?.heatmap ?? null;
    bar.show(savedBar);
    values.show(paint?.heatmap ?? null, pair.signal, paint?.colours ? null : bar);
    slices.show(pair.slice, look.table);
  };

  followPair(
    model,
    (next, problem) => {
      pairs = next;
      setText(trouble, problem);
      schedule();
    },
    signal,
  );
  const painted = [
    "opacity",
    "blend",
    "painted",
    "top_share",
    "_diverging",
    "threshold",
    "wipe",
    "colormap",
    "display",
    "slice",
    "outlines",
    "pixel",
    "_reading",
    "_colormaps",
    "_methods",
  ] as const;
  follow(model, painted, schedule, signal);
  // What an error left standing is not what is chosen.
  const dim = () => {
    const error = model.get("error");
    row.classList.toggle("xcnn-dimmed", error !== "" && error !== model.get("_opening_error"));
  };
  follow(model, ["error", "_opening_error"], dim, signal);

  return {
    element: element(
      "div",
      { class: "xcnn-stage" },
      row,
      slices.element,
      bar.element,
      values.element,
      asking,
      element("p", { id: hintId, class: "xcnn-unseen" }, keysHint),
      trouble,
    ),
    async save(format) {
      if (!pair) return;
      const name = fileName(kinds.length === 1 ? (kinds[0] ?? "") : "all", pair);
      const kind = kinds.at(-1) ?? "overlay";
      const caption = describePane(kind, pair, model.get("_methods"));
      const panes = [...shown, ...mates.shown()].map(savedPane);
      await save(format, { panes, bar: savedBar, caption }, shownMap, name).catch(
        (cause: unknown) => setText(trouble, `The picture could not be saved: ${String(cause)}`),
      );
    },
  };
}

/** What is painted on the panes: the colours themselves, and as they lie over a picture. */
function strips(kinds: readonly Pane[], paint: Paint, look: PaintedLook): Strip[] {
  return kinds.flatMap((kind) => (kind === "picture" ? [] : [stripOf(kind, paint, look)]));
}

/** A signal is drawn at twice the size already, and needs room for its numbers. */
function savedPane(pane: PaneView): SavedPane {
  const canvas = pane.sheet();
  const marks = pane.element.querySelector<SVGSVGElement>(".xcnn-marks:not([hidden])");
  const scale = canvas === pane.canvas ? scaleOf(canvas) : 1;
  return {
    canvas,
    scale,
    title: pane.element.querySelector("figcaption")?.textContent ?? "",
    marks,
  };
}
