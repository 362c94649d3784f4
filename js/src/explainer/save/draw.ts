import type { Strip } from "../../pixels/colour";
import { type Saved, type Sheet, sheetOf, textSize } from "./sheet";

const namespace = "http://www.w3.org/2000/svg";
const [ink, font] = ["#222", "sans-serif"];
// Pictures of fewer pixels are shown as squares, as on screen.
const coarse = 100;

/** A sheet as a PNG. */
export async function pngOf(saved: Saved): Promise<Blob> {
  const sheet = sheetOf(saved, stripsOf(saved.bar?.strips ?? []));
  const canvas = canvasOf(sheet.width, sheet.height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser gives no 2D canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  for (const { canvas: source, marks, x, y, width, height } of sheet.images) {
    pen.imageSmoothingEnabled = Math.max(source.width, source.height) >= coarse;
    pen.drawImage(source, x, y, width, height);
    if (!marks) continue;
    const outlines = new Image();
    const text = new XMLSerializer().serializeToString(standing(marks, width, height));
    outlines.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await outlines.decode();
    pen.drawImage(outlines, x, y, width, height);
  }
  pen.fillStyle = ink;
  pen.font = `${textSize}px ${font}`;
  for (const { text, x, y, anchor } of sheet.texts) {
    pen.textAlign = anchor === "middle" ? "center" : anchor;
    pen.fillText(text, x, y);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("this browser made no PNG of the canvas");
  return blob;
}

/** A sheet as an SVG: its pictures as PNGs within, its words as text. */
export function svgOf(saved: Saved): Blob {
  const sheet = sheetOf(saved, stripsOf(saved.bar?.strips ?? []));
  const { width, height } = sheet;
  const root = part("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  root.append(part("rect", { width, height, fill: "#fff" }), ...picturesOf(sheet));
  for (const { text, x, y, anchor } of sheet.texts) {
    const said = part("text", {
      x,
      y,
      "text-anchor": anchor,
      fill: ink,
      "font-family": font,
      "font-size": textSize,
    });
    said.textContent = text;
    root.append(said);
  }
  return new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" });
}

function picturesOf({ images }: Sheet): SVGElement[] {
  return images.flatMap(({ canvas, marks, x, y, width, height }) => {
    const isCoarse = Math.max(canvas.width, canvas.height) < coarse;
    const picture = part("image", {
      x,
      y,
      width,
      height,
      preserveAspectRatio: "none",
      href: canvas.toDataURL("image/png"),
      ...(isCoarse && { style: "image-rendering: pixelated" }),
    });
    if (!marks) return [picture];
    const outlines = standing(marks, width, height);
    outlines.setAttribute("x", String(x));
    outlines.setAttribute("y", String(y));
    return [picture, outlines];
  });
}

/** Outlines with what the page's styles make of them, which a file has not. */
function standing(marks: SVGSVGElement, width: number, height: number): SVGSVGElement {
  const copy = marks.cloneNode(true) as SVGSVGElement;
  const [sources, copies] = [marks, copy].map((svg) => [...svg.querySelectorAll("*")]);
  for (const [i, source] of (sources ?? []).entries()) {
    const styles = getComputedStyle(source);
    const names = ["fill", "stroke", "stroke-width", "vector-effect", "paint-order", "font-weight"];
    const kept = names.map((name) => `${name}: ${styles.getPropertyValue(name)}`).join("; ");
    copies?.[i]?.setAttribute("style", `${kept}; font-family: ${font}`);
  }
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return copy;
}

/** The strips of a colour bar, one below the other. */
function stripsOf(strips: readonly Strip[]): HTMLCanvasElement | null {
  if (strips.length === 0) return null;
  const canvas = canvasOf(256, strips.length);
  const pen = canvas.getContext("2d");
  for (const [row, strip] of strips.entries()) {
    pen?.putImageData(new ImageData(strip, 256, 1), 0, row);
  }
  return canvas;
}

function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

function part(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
