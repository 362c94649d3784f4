import { element, setText } from "../controls/element";
import { countText, scaleTexts } from "../controls/number_text";
import { bandPixels, linePoints, type Signal, ticks } from "../pixels/signal";
import { wipeEdge } from "../pixels/wipe";
import type { Pane } from "./describe";
import { captions, type PaintedLook, type PaneView } from "./pane";
import type { ShownPair } from "./shown_pair";
import { bandLook, signalSheet } from "./signal_sheet";

const svg = "http://www.w3.org/2000/svg";

/** The lines of a signal over the heatmap as a coloured band, with numbers on both sides. */
export function signalPane(hintId: string): PaneView {
  const canvas = element("canvas", {
    role: "img",
    tabindex: 0,
    height: 1,
    "data-xcnn": "canvas",
    "aria-label": "No signal yet",
    "aria-describedby": hintId,
  });
  const caption = element("figcaption", {});
  const here = element("span", { class: "xcnn-here", hidden: true });
  const edge = element("span", { class: "xcnn-edge", hidden: true });
  const drawing = document.createElementNS(svg, "svg");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const frame = element("div", { class: "xcnn-canvas" }, canvas, drawing, edge, here);
  const lanes = element("div", { class: "xcnn-lanes", "aria-hidden": "true" });
  const positions = element("div", { class: "xcnn-positions", "aria-hidden": "true" });
  let drawn: Signal | null = null;
  let last: { pane: Pane; pair: ShownPair; look: PaintedLook } | null = null;
  return {
    element: element(
      "figure",
      { class: "xcnn-pane" },
      caption,
      element("div", { class: "xcnn-plot" }, lanes, frame, positions),
    ),
    canvas,
    paint(pane, pair, look) {
      const { signal, heatmap } = pair;
      if (!signal) return;
      last = { pane, pair, look };
      canvas.dataset.pane = pane;
      setText(caption, captions[pane]);
      const band = bandPixels(
        pane !== "picture" && heatmap ? heatmap.values : new Float32Array(signal.length).fill(-1),
        bandLook(pane, look),
      );
      const columns = band.length / 4;
      if (canvas.width !== columns) canvas.width = columns;
      canvas.getContext("2d")?.putImageData(new ImageData(band, columns, 1), 0, 0);
      frame.classList.toggle("xcnn-coarse", columns < 100);
      drawing.toggleAttribute("hidden", pane === "heatmap");
      lanes.classList.toggle("xcnn-lineless", pane === "heatmap");
      const at = wipeEdge(look.wipe, columns);
      edge.hidden = pane !== "overlay" || at === 0 || at === columns;
      edge.style.left = `${(100 * at) / columns}%`;
      if (signal === drawn) return;
      drawn = signal;
      drawLines(drawing, signal);
      frame.style.setProperty("--xcnn-lanes", String(signal.lines.length));
      lanes.replaceChildren(...laneTexts(signal));
      positions.replaceChildren(...positionTexts(signal.length));
    },
    name: (text) => setText(caption, text),
    mark(at) {
      here.hidden = at === null;
      if (at && drawn) here.style.left = `${(100 * (at.x + 0.5)) / drawn.length}%`;
    },
    size: () => [1, drawn?.length ?? 1],
    sheet: () => (last ? signalSheet(last.pane, last.pair, last.look) : canvas),
  };
}

function drawLines(drawing: SVGSVGElement, { length, lines }: Signal): void {
  drawing.setAttribute("viewBox", `0 0 ${length} ${lines.length}`);
  const paths = lines.flatMap((line, lane) => {
    const points = linePoints(line).map(([x, y]) => `${x} ${(lane + y).toFixed(4)}`);
    // A single value is a level.
    const d = length === 1 ? `M0 ${lane + 0.5}H1` : `M${points.join("L")}`;
    return ["xcnn-halo", "xcnn-line"].map((name) => {
      const path = document.createElementNS(svg, "path");
      path.setAttribute("class", name);
      path.setAttribute("d", d);
      return path;
    });
  });
  drawing.replaceChildren(...paths);
}

/** The least and the greatest value beside each line, and its channel where there are several. */
function laneTexts({ lines, channels }: Signal): HTMLElement[] {
  return lines.map(({ low, high }, i) => {
    const [bottom = "", top = ""] = scaleTexts([low, high]);
    return element(
      "div",
      {},
      element("span", {}, high > low ? top : ""),
      element("span", { class: "xcnn-channel" }, lines.length > 1 ? `ch ${channels[i]}` : ""),
      element("span", {}, bottom),
    );
  });
}

function positionTexts(length: number): HTMLElement[] {
  return ticks(length).map((at) => {
    const share = (at + 0.5) / length;
    const text = element("span", { class: share > 0.95 && "xcnn-end" }, countText(at));
    text.style.left = `${100 * share}%`;
    return text;
  });
}
