import type { Heatmap } from "../../pixels/heatmap";
import { pngOf, svgOf } from "./draw";
import type { Saved } from "./sheet";

export const formats = ["png", "svg", "csv"] as const;
export type Format = (typeof formats)[number];

/** Download what is shown as a picture, or its values in their own unit, row by row. */
export async function save(
  format: Format,
  saved: Saved,
  heatmap: Heatmap | null,
  name: string,
): Promise<void> {
  if (format === "csv") {
    if (!heatmap) throw new Error("there is no map yet");
    return download(new Blob([csvOf(heatmap)], { type: "text/csv" }), `${name}.csv`);
  }
  download(format === "svg" ? svgOf(saved) : await pngOf(saved), `${name}.${format}`);
}

/** The attribution at each pixel in its own unit, to six digits. */
export function csvOf({ size, values, low, high }: Heatmap): string {
  const [height, width] = size;
  const lines = Array.from({ length: height }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width), (share) =>
      String(Number((low + share * (high - low)).toPrecision(6))),
    ).join(","),
  );
  return `${lines.join("\n")}\n`;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // the browser has taken hold of the download by the next turn of its loop
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
