import { type Bytes, gridOf, type Size } from "../pixels/decode";
import type { Picture } from "./traits";

/** What a detector found: edges are left, top, right and lower, in pixels. */
export interface FoundBox {
  readonly index: number;
  readonly edges: readonly [number, number, number, number];
  readonly text: string;
}

/** What the model found in a picture: boxes, or the class of each cell of a grid over it (255: none). */
export type Marks =
  | { readonly boxes: readonly FoundBox[]; readonly regions?: undefined }
  | { readonly regions: Bytes; readonly shape: Size; readonly boxes?: undefined };

type Cell = readonly [row: number, column: number];

export interface MarksView {
  readonly element: SVGSVGElement;
  /** Draw them over a picture; those of the class or box explained stand out, and the pixel asked about. */
  show(picture: Picture, explained: number | null, pixel: Cell | null): void;
  hide(): void;
}

const svgNamespace = "http://www.w3.org/2000/svg";

/** Outlines over a picture; a box can be clicked to be explained. */
export function marksView(choose: (index: number) => void, signal: AbortSignal): MarksView {
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.classList.add("xcnn-marks");
  svg.setAttribute("preserveAspectRatio", "none");
  // What they say stands in the class list, where the keyboard reaches it.
  svg.setAttribute("aria-hidden", "true");
  let drawn: readonly [Picture, number | null, Cell | null] | null = null;
  svg.addEventListener(
    "click",
    (event) => {
      const index = (event.target as Element).closest<SVGElement>("[data-index]")?.dataset.index;
      if (index !== undefined) choose(Number(index));
    },
    { signal },
  );
  return {
    element: svg,
    show(picture, explained, pixel) {
      const marks = picture.marks;
      const height = picture.size[0] ?? 1;
      const width = picture.size[1] ?? 1;
      svg.toggleAttribute("hidden", !marks);
      const asked = [picture, explained, pixel] as const;
      if (!marks || asked.every((part, place) => part === drawn?.[place])) return;
      drawn = asked;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren(
        ...(marks.boxes
          ? marks.boxes.map((found) => boxOf(found, found.index === explained, width))
          : outlinesOf(marks.regions, marks.shape, [height, width], explained)),
        ...(pixel ? ringsAt(pixel, width) : []),
      );
    },
    hide() {
      svg.toggleAttribute("hidden", true);
    },
  };
}

/** Two rings, dark and light, around the pixel that was asked about. */
function ringsAt([row, column]: Cell, width: number): SVGElement[] {
  return ["xcnn-casing", "xcnn-outline"].map((kind) => {
    const ring = document.createElementNS(svgNamespace, "circle");
    ring.setAttribute("class", `${kind} xcnn-explained`);
    const sides = { cx: column + 0.5, cy: row + 0.5, r: width / 60 };
    for (const [name, value] of Object.entries(sides)) ring.setAttribute(name, String(value));
    return ring;
  });
}

function boxOf({ index, edges, text }: FoundBox, explained: boolean, width: number): SVGElement {
  const [left, top, right, lower] = edges;
  const group = document.createElementNS(svgNamespace, "g");
  group.dataset.index = String(index);
  group.classList.toggle("xcnn-explained", explained);
  for (const kind of ["xcnn-casing", "xcnn-outline"]) {
    const rect = document.createElementNS(svgNamespace, "rect");
    rect.setAttribute("class", kind);
    const sides = { x: left, y: top, width: right - left, height: lower - top };
    for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, String(value));
    group.append(rect);
  }
  const title = document.createElementNS(svgNamespace, "title");
  title.textContent = text;
  group.append(title);
  if (!explained) return group;
  const label = document.createElementNS(svgNamespace, "text");
  const size = width / 28;
  label.textContent = text;
  // It stays inside the picture.
  const isRight = left + right > width;
  label.setAttribute("text-anchor", isRight ? "end" : "start");
  label.setAttribute(
    "x",
    String(isRight ? Math.min(width, right) - size / 4 : Math.max(0, left) + size / 4),
  );
  label.setAttribute("y", String(Math.max(size, top - size / 3)));
  label.setAttribute("font-size", String(size));
  group.append(label);
  return group;
}

/** The borders between regions; around the class explained once more, to stand out. */
function outlinesOf(
  bytes: Bytes,
  shape: Size,
  size: Size,
  explained: number | null,
): readonly SVGElement[] {
  const cells = gridOf(bytes, shape);
  const between = (one: number, other: number) => one !== other;
  const around = (one: number, other: number) => (one === explained) !== (other === explained);
  return [
    ["xcnn-casing", between] as const,
    ["xcnn-outline", between] as const,
    ["xcnn-casing xcnn-explained", around] as const,
    ["xcnn-outline xcnn-explained", around] as const,
  ].map(([kind, parts]) => {
    const path = document.createElementNS(svgNamespace, "path");
    path.setAttribute("class", kind);
    path.setAttribute("d", borders(cells, shape, size, parts));
    return path;
  });
}

/** The path along all edges between cells that `parts` tells apart, in pixels of the picture. */
export function borders(
  cells: Uint8Array,
  [rows, columns]: Size,
  [height, width]: Size,
  parts: (one: number, other: number) => boolean,
): string {
  const down = height / rows;
  const across = width / columns;
  const path: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const here = cells[row * columns + column] ?? 255;
      const right = cells[row * columns + column + 1] ?? 255;
      const below = cells[(row + 1) * columns + column] ?? 255;
      const [x, y] = [(column + 1) * across, (row + 1) * down];
      if (column + 1 < columns && parts(here, right)) path.push(`M${x} ${row * down}V${y}`);
      if (row + 1 < rows && parts(here, below)) path.push(`M${column * across} ${y}H${x}`);
    }
  }
  return path.join("");
}
