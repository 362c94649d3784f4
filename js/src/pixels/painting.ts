import { type Blend, type ColourTable, colourStrip, type Strip } from "./colour";
import { heatmapPixels, overlayPixels } from "./compose";
import { drawContours } from "./contours";
import { bytesOf } from "./decode";
import { type Heatmap, heatmapOf } from "./heatmap";
import { colourPixels, coloursOf, type InColour } from "./in_colour";
import type { Parts, Style } from "./styles";

type Rgba = Uint8ClampedArray<ArrayBuffer>;

export interface PaintLook {
  readonly opacity: number;
  readonly blend: Blend;
  readonly threshold: number;
  /** The share of the picture that is painted at most, its hottest pixels. */
  readonly topShare: number;
  readonly levels: readonly number[];
  readonly table: ColourTable;
  /** The colours of positive and negative. */
  readonly diverging: ColourTable;
}

/** A map ready to be painted in one way. */
export interface Paint {
  readonly style: Style;
  /** What is read at a pixel; of a signed map 0.5 stands for 0. */
  readonly heatmap: Heatmap;
  readonly colours: InColour | null;
  /** The true values at the ends of the colour bar. */
  readonly ends: { readonly low: number; readonly high: number };
  /** What to know of the bar; usually empty. */
  readonly note: string;
}

/** A heatmap by itself, by heat or as contours. */
export function plainPaint(heatmap: Heatmap, style: Style): Paint {
  return { style, heatmap, colours: null, ends: heatmap, note: "" };
}

const clipped = "clipped at the 99.5th percentile";

/** A map with its heat, to be painted in a way for which it brings what is needed. */
export function paintOf(
  map: Parts & { readonly data: unknown; readonly shape: readonly number[] },
  heat: Heatmap,
  style: Style,
): Paint {
  const plain = plainPaint(heat, style);
  if (style === "in colour" && map.colour) {
    const { data, channels, clip } = map.colour;
    return {
      ...plain,
      colours: coloursOf(bytesOf(data), channels),
      ends: { low: -clip, high: clip },
      note: clipped,
    };
  }
  if (style !== "positive and negative") return plain;
  const signed = map.signed
    ? heatmapOf({ ...map.signed, shape: map.shape as Heatmap["size"], size: heat.size })
    : heat;
  const heatmap = centred(signed);
  return { ...plain, heatmap, ends: heatmap, note: map.signed ? clipped : "" };
}

/** A signed map as shares of its range around 0, which becomes 0.5; of a constant nothing stands out. */
export function centred({ size, values, low, high }: Heatmap): Heatmap {
  const most = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = !(high > low);
  const shares = isFlat
    ? new Float32Array(values.length).fill(0.5)
    : values.map((value) => 0.5 + (low + value * (high - low)) / (2 * most));
  return { size, values: shares, low: -most, high: most };
}

const known = new WeakMap<Heatmap, Map<Style, Paint>>();

/** As `paintOf`, once for each map and way. */
export function paintFor(map: Parameters<typeof paintOf>[0], heat: Heatmap, style: Style): Paint {
  const ways = known.get(heat) ?? new Map<Style, Paint>();
  const found = ways.get(style) ?? paintOf(map, heat, style);
  known.set(heat, ways.set(style, found));
  return found;
}

/** What of a map a pane shows: RGBA, over the picture or alone; written into `out`. */
export function painted(
  pane: "overlay" | "heatmap",
  picture: Uint8ClampedArray,
  paint: Paint,
  look: PaintLook,
  out: Rgba,
): Rgba {
  const { heatmap, colours } = paint;
  const { values, size } = heatmap;
  if (paint.style === "contours") {
    if (pane === "overlay") out.set(picture);
    else for (let i = 0; i < out.length; i++) out[i] = i % 4 === 3 ? 255 : 0;
    drawContours(out, values, size, look.levels, look.table);
    return out;
  }
  if (colours) {
    const threshold = cut(colours.strengths, look);
    return colourPixels(pane === "overlay" ? picture : null, colours, { ...look, threshold }, out);
  }
  const isSigned = paint.style === "positive and negative";
  const table = isSigned ? look.diverging : look.table;
  const threshold = cut(isSigned ? strengths(values) : values, look);
  const known = { ...look, threshold, table, centred: isSigned };
  return pane === "overlay"
    ? overlayPixels(picture, values, known, out)
    : heatmapPixels(values, known, out);
}

/** The colours of a bar: the map's own, or as they lie over mid-grey. */
export function stripOf(pane: "overlay" | "heatmap", { style }: Paint, look: PaintLook): Strip {
  const over = pane === "overlay" && style !== "contours" ? look : undefined;
  const isCentred = style === "in colour" || style === "positive and negative";
  const table = style === "in colour" ? greys : isCentred ? look.diverging : look.table;
  return colourStrip(table, style === "contours" ? 0 : look.threshold, over, isCentred);
}

const greys: ColourTable = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

/** How far from 0 a signed map is, in [0, 1]. */
function strengths(shares: Float32Array): Float32Array {
  return shares.map((share) => Math.abs(2 * share - 1));
}

/** The threshold by value that also leaves no more than a share of the picture. */
function cut(values: Float32Array, { threshold, topShare }: PaintLook): number {
  return Math.max(threshold, topShareThreshold(values, topShare));
}

/** The value that the hottest share of the pixels reaches, at least one of them; 0 for all. */
export function topShareThreshold(values: Float32Array, share: number): number {
  if (share >= 1) return 0;
  const half = share * values.length;
  // Half to even, as Python rounds.
  const nearest = Math.abs(half % 1) === 0.5 ? 2 * Math.round(half / 2) : Math.round(half);
  const count = Math.max(1, nearest);
  return values.slice().sort()[values.length - count] as number;
}
