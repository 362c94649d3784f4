import { element, setText } from "../controls/element";
import { scaleTexts } from "../controls/number_text";
import type { Strip } from "../pixels/colour";
import type { Size } from "../pixels/decode";
import { type Heatmap, heatmapOf } from "../pixels/heatmap";
import { type PaintLook, painted, paintFor, stripOf } from "../pixels/painting";
import type { Pixels } from "../pixels/picture";
import type { Style } from "../pixels/styles";
import { onRange, type Range } from "./column_ranges";
import { mapReading } from "./map_reading";
import type { Look, RowMap } from "./traits";

export interface TileLook extends PaintLook {
  readonly display: Look["display"];
}

export interface TileContent extends TileLook {
  readonly map: RowMap;
  readonly style: Style;
  readonly size: Size;
  /** `null` where there is no picture to paint the heatmap over. */
  readonly pixels: Pixels | null;
  /** The range shared with others, `null` for the map's own. */
  readonly range: Range | null;
  readonly label: string;
}

export interface Tile {
  readonly element: HTMLElement;
  /** Paint what differs from what is there. */
  paint(content: TileContent): void;
  /** Empty the tile and let its pixels go. */
  clear(label: string): void;
}

/** One map over its picture, with the values of its own range below. */
export function tile(role: "gridcell" | "presentation" = "gridcell"): Tile {
  const canvas = element("canvas", { role: "img", "data-xcnn": "tile", width: 0, height: 0 });
  const trouble = element("span", { class: "xcnn-hint" });
  const reading = mapReading(canvas, () => heatmap);
  const frame = element("div", { class: "xcnn-frame" }, canvas, trouble, reading);
  const [low, high] = [element("span"), element("span")];
  const scale = element(
    "div",
    { class: "xcnn-scale", "aria-hidden": "true" },
    low,
    element("span", { class: "xcnn-strip-line" }),
    high,
  );
  let drawn: TileContent | null = null;
  let heatmap: Heatmap | null = null;

  const draw = (content: TileContent) => {
    if (content.map !== drawn?.map || !heatmap) {
      heatmap = heatmapOf({ ...content.map, size: content.size });
    }
    const [height, width] = content.size;
    const data = new ImageData(pixelsOf(content, heatmap), width, height);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    canvas.getContext("2d")?.putImageData(data, 0, 0);
    frame.classList.toggle("xcnn-coarse", Math.max(height, width) < 100);
    const paint = paintFor(content.map, heatmap, content.style);
    const strip = stripOf(content.display, paint, content);
    scale.style.setProperty("--strip", gradient(strip));
    const values = paint.ends;
    const constant = values.low === values.high;
    const ends = scaleTexts([values.low, values.high]);
    setText(low, constant ? `${ends[0]} everywhere` : (ends[0] ?? ""));
    setText(high, constant ? "" : (ends[1] ?? ""));
  };
  const clear = (label: string) => {
    if (canvas.width !== 0) canvas.width = 0;
    if (canvas.height !== 0) canvas.height = 0;
    canvas.setAttribute("aria-label", label);
    for (const text of [low, high, trouble]) setText(text, "");
    scale.classList.add("xcnn-empty");
    reading.hidden = true;
    drawn = null;
    heatmap = null;
  };
  clear("Nothing here yet");
  return {
    element: element("div", role === "gridcell" ? { role, tabindex: -1 } : { role }, frame, scale),
    clear,
    paint(content) {
      if (drawn && same(drawn, content)) return;
      try {
        draw(content);
        drawn = content;
      } catch (cause) {
        clear("This map cannot be read");
        setText(
          trouble,
          `The map cannot be read: ${cause instanceof Error ? cause.message : cause}`,
        );
        return;
      }
      setText(trouble, "");
      canvas.setAttribute("aria-label", content.label);
      scale.classList.toggle("xcnn-empty", content.range !== null);
    },
  };
}

function pixelsOf({ pixels, display, range, map, style, ...look }: TileContent, heatmap: Heatmap) {
  const own = paintFor(map, heatmap, style);
  const isShared = range !== null && (style === "heat" || style === "contours");
  const paint = isShared
    ? { ...own, heatmap: { ...heatmap, values: onRange(heatmap, range) } }
    : own;
  const [height, width] = heatmap.size;
  const out = new Uint8ClampedArray(4 * height * width);
  if (display === "heatmap" || !pixels) return painted("heatmap", out, paint, look, out);
  if (pixels.size[0] !== height || pixels.size[1] !== width) {
    throw new RangeError(
      `it is for ${height} × ${width} pixels, the picture has ${pixels.size.join(" × ")}`,
    );
  }
  return painted("overlay", pixels.rgba, paint, look, out);
}

function same(one: TileContent, other: TileContent): boolean {
  return (
    one.map === other.map &&
    one.pixels === other.pixels &&
    one.display === other.display &&
    one.table === other.table &&
    one.style === other.style &&
    one.label === other.label &&
    ((one.opacity === other.opacity && one.blend === other.blend) || other.display === "heatmap") &&
    one.range?.low === other.range?.low &&
    one.range?.high === other.range?.high
  );
}

/** The colours in eight steps, for the thin line between a tile's least and greatest value. */
function gradient(strip: Strip): string {
  const stops = Array.from({ length: 9 }, (_, i) => {
    const at = 4 * Math.min(255, 32 * i);
    return `rgb(${strip.slice(at, at + 3).join(" ")})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
