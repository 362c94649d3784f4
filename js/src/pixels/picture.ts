import { type Bytes, bytesOf, type Size } from "./decode";

/** A picture's pixels, RGBA row by row. */
export interface Pixels {
  readonly size: Size;
  readonly rgba: Uint8ClampedArray;
}

/** Decode a PNG or JPEG to the very grey levels that were encoded: no colour management. */
export async function decodePicture(data: Bytes): Promise<Pixels> {
  const bitmap = await createImageBitmap(new Blob([bytesOf(data)]), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  context.drawImage(bitmap, 0, 0);
  const { data: rgba, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { size: [height, width], rgba };
}

/** One of the slices of a volume that lie side by side in a picture, `columns` in a row. */
export function sliceOf(mosaic: Pixels, place: number, size: Size, columns: number): Pixels {
  const [height, width] = size;
  const across = mosaic.size[1];
  const first = Math.floor(place / columns) * height * across + (place % columns) * width;
  const rgba = new Uint8ClampedArray(4 * height * width);
  for (let row = 0; row < height; row++) {
    const from = 4 * (first + row * across);
    rgba.set(mosaic.rgba.subarray(from, from + 4 * width), 4 * row * width);
  }
  return { size, rgba };
}

const known = new WeakMap<Bytes, Pixels | Promise<Pixels>>();

/** The pixels of these very bytes: decoded once, at once from then on. What failed is tried again. */
export function decoded(data: Bytes): Pixels | Promise<Pixels> {
  const found = known.get(data);
  if (found) return found;
  const decoding = decodePicture(data);
  known.set(data, decoding);
  decoding.then(
    (pixels) => known.set(data, pixels),
    () => known.delete(data),
  );
  return decoding;
}
