import { scaleTexts } from "../../controls/number_text";
import type { Strip } from "../../pixels/colour";

/** What is to be saved of a view: its panes side by side, the colour bar, and words. */
export interface Saved {
  readonly panes: readonly SavedPane[];
  readonly bar: SavedBar | null;
  /** What is shown, in one sentence. */
  readonly caption: string;
}

export interface SavedPane {
  readonly canvas: HTMLCanvasElement;
  /** Pixels of the sheet for one of the canvas. */
  readonly scale: number;
  readonly title: string;
  /** Outlines over it, in the same place. */
  readonly marks: SVGSVGElement | null;
}

export interface SavedBar {
  readonly strips: readonly Strip[];
  readonly range: { readonly low: number; readonly high: number };
  readonly note: string;
}

/** Where everything stands on a sheet, in its pixels. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly images: readonly Placed[];
  readonly texts: readonly Line[];
}

export interface Placed {
  readonly canvas: HTMLCanvasElement;
  readonly marks: SVGSVGElement | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
}

export const textSize = 22;
const [margin, gap, line, barHeight] = [24, 16, 30, 20];
// Of a sans serif, about; what is longer than its line is wrapped.
const letter = 0.55 * textSize;

/** Twice as large as on the canvas, and large enough that its words can be read. */
export function scaleOf({ width, height }: { width: number; height: number }): number {
  return Math.max(2, Math.ceil(448 / Math.max(width, height)));
}

export function sheetOf({ panes, bar, caption }: Saved, strips: HTMLCanvasElement | null): Sheet {
  const images: Placed[] = [];
  const texts: Line[] = [];
  const isTitled = panes.length > 1;
  let [x, y] = [margin, margin + (isTitled ? line : 0)];
  let lowest = y;
  for (const { canvas, scale, title, marks } of panes) {
    const [width, height] = [canvas.width * scale, canvas.height * scale];
    images.push({ canvas, marks, x, y, width, height });
    if (isTitled) texts.push({ text: title, x, y: y - 10, anchor: "start" });
    lowest = Math.max(lowest, y + height);
    x += width + gap;
  }
  const right = x - gap;
  const across = right - margin;
  y = lowest + gap;
  if (bar && strips) {
    images.push({ canvas: strips, marks: null, x: margin, y, width: across, height: barHeight });
    y += barHeight + textSize + 4;
    const { low, high } = bar.range;
    const [first = "", middle = "", last = ""] = scaleTexts([low, (low + high) / 2, high]);
    if (low === high) texts.push({ text: `${first} everywhere`, x: margin, y, anchor: "start" });
    else {
      texts.push({ text: first, x: margin, y, anchor: "start" });
      texts.push({ text: middle, x: margin + across / 2, y, anchor: "middle" });
      texts.push({ text: last, x: right, y, anchor: "end" });
    }
    for (const text of wrapped(bar.note, across)) {
      y += line;
      texts.push({ text, x: margin, y, anchor: "start" });
    }
    y += gap;
  }
  for (const text of wrapped(caption, across)) {
    y += line;
    texts.push({ text, x: margin, y, anchor: "start" });
  }
  return { width: right + margin, height: y + margin, images, texts };
}

/** Words in lines that are no wider than there is room. */
export function wrapped(text: string, room: number): string[] {
  const most = Math.max(8, Math.floor(room / letter));
  const lines: string[] = [];
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
