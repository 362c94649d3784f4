import { colourBar } from "../controls/colour_bar";
import { element, setText, uniqueId } from "../controls/element";
import { oncePerFrame } from "../controls/once_per_frame";
import { colourTable } from "../pixels/colour";
import { describePane, fileName, type Pane } from "./describe";
import { paneView } from "./pane";
import { readout } from "./readout";
import { savePng } from "./save_png";
import { followPair, type ShownPair } from "./shown_pair";
import { follow, type Model } from "./traits";

export interface Stage {
  readonly element: HTMLElement;
  /** Download what is shown. */
  save(): Promise<void>;
}

const keysHint =
  "Arrow keys move a cross over the picture, with Shift by ten pixels; Escape takes it away.";

/** The picture, its heatmap and their overlay on canvases, a colour bar and a read-out. */
export function stage(model: Model, signal: AbortSignal): Stage {
  const hintId = uniqueId("keys");
  const panes = Array.from({ length: 3 }, () => paneView(hintId));
  const bar = colourBar();
  const values = readout(panes, bar, signal);
  const trouble = element("p", { class: "xcnn-trouble", role: "alert" });
  const waiting = element("p", { class: "xcnn-waiting" }, "Waiting for the picture …");
  const row = element("div", { class: "xcnn-panes" }, waiting);
  let pair: ShownPair | null = null;
  let kinds: readonly Pane[] = [];

  const paint = () => {
    values.element.hidden = pair === null;
    if (!pair) {
      bar.element.hidden = true;
      return row.replaceChildren(waiting);
    }
    const look = {
      opacity: model.get("opacity"),
      threshold: model.get("threshold"),
      wipe: model.get("wipe"),
      table: colourTable(model.get("_colormaps")[model.get("colormap")]),
    };
    const display = model.get("display");
    kinds = display === "side_by_side" ? ["picture", "heatmap", "overlay"] : [display];
    const shown = panes.slice(0, kinds.length);
    if (shown.length !== row.children.length || shown[0]?.element !== row.firstChild) {
      row.replaceChildren(...shown.map((pane) => pane.element));
    }
    for (const [i, pane] of shown.entries()) {
      const kind = kinds[i] ?? "overlay";
      pane.paint(kind, pair, look);
      pane.canvas.setAttribute("aria-label", describePane(kind, pair, model.get("_methods")));
    }
    bar.show({ range: display === "picture" ? null : pair.heatmap, ...look });
    values.show(pair.heatmap);
  };
  const schedule = oncePerFrame(paint, signal);

  followPair(
    model,
    (next, problem) => {
      pair = next;
      setText(trouble, problem);
      schedule();
    },
    signal,
  );
  const painted = [
    "opacity",
    "threshold",
    "wipe",
    "colormap",
    "display",
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
      bar.element,
      values.element,
      element("p", { id: hintId, class: "xcnn-unseen" }, keysHint),
      trouble,
    ),
    async save() {
      if (!pair) return;
      const canvases = panes.slice(0, kinds.length).map((pane) => pane.canvas);
      const name = fileName(kinds.length === 1 ? (kinds[0] ?? "") : "all", pair);
      await savePng(canvases, name).catch((cause: unknown) =>
        setText(trouble, `The picture could not be saved: ${String(cause)}`),
      );
    },
  };
}
