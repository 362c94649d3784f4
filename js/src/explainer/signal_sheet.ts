import { countText, scaleTexts } from "../controls/number_text";
import { bandPixels, linePoints, ticks } from "../pixels/signal";
import type { Pane } from "./describe";
import type { PaintedLook } from "./pane";
import type { ShownPair } from "./shown_pair";

const [width, laneHeight, left, below, margin] = [800, 120, 64, 28, 10];

/** How strong a band is on a pane, and how far it goes. */
export function bandLook(pane: Pane, look: PaintedLook) {
  if (pane === "overlay") return look;
  return { ...look, opacity: 1, blend: "even" as const, wipe: pane === "picture" ? 0 : 1 };
}

/** A signal's plot on white ground, to be saved at twice its size: its band, its lines, and their numbers. */
export function signalSheet(pane: Pane, pair: ShownPair, look: PaintedLook): HTMLCanvasElement {
  const sheet = document.createElement("canvas");
  const { signal, heatmap } = pair;
  const lanes = signal?.lines.length ?? 1;
  const height = laneHeight * lanes;
  const sides = [left + width + margin, margin + height + below] as const;
  [sheet.width, sheet.height] = [2 * sides[0], 2 * sides[1]];
  const pen = sheet.getContext("2d");
  if (!pen || !signal) return sheet;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.scale(2, 2);
  if (pane !== "picture" && heatmap) {
    const pixels = bandPixels(heatmap.values, bandLook(pane, look));
    const band = document.createElement("canvas");
    [band.width, band.height] = [pixels.length / 4, 1];
    band.getContext("2d")?.putImageData(new ImageData(pixels, band.width, 1), 0, 0);
    pen.imageSmoothingEnabled = band.width > width;
    pen.drawImage(band, left, margin, width, height);
  }
  pen.font = "12px sans-serif";
  for (const [lane, line] of signal.lines.entries()) {
    const top = margin + lane * laneHeight;
    if (pane !== "heatmap") {
      for (const [colour, thickness] of [
        ["#fffc", 4],
        ["#222", 1.5],
      ] as const) {
        pen.beginPath();
        for (const [x, y] of linePoints(line)) {
          pen.lineTo(left + (x / signal.length) * width, top + y * laneHeight);
        }
        [pen.strokeStyle, pen.lineWidth] = [colour, thickness];
        pen.stroke();
      }
    }
    pen.fillStyle = "#222";
    pen.textAlign = "right";
    const [low = "", high = ""] = scaleTexts([line.low, line.high]);
    pen.fillText(high, left - 6, top + 0.08 * laneHeight + 6);
    if (lanes > 1) pen.fillText(`ch ${signal.channels[lane]}`, left - 6, top + laneHeight / 2 + 4);
    pen.fillText(low, left - 6, top + 0.92 * laneHeight + 4);
  }
  pen.textAlign = "center";
  for (const at of ticks(signal.length)) {
    pen.fillText(countText(at), left + ((at + 0.5) / signal.length) * width, sides[1] - 8);
  }
  return sheet;
}
