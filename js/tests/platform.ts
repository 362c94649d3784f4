import { vi } from "vitest";

/**
 * What jsdom leaves out of a browser: canvases that keep their pixels, frames, object addresses.
 * A "file" of a picture is three bytes here: height, width and the grey level of all its pixels.
 */
export class Platform {
  readonly addresses = new Set<string>();
  readonly downloads: string[] = [];
  paints = 0;
  #frames: (() => void)[] = [];
  #decoding: Promise<unknown>[] = [];
  #canvases = new WeakMap<HTMLCanvasElement, Uint8ClampedArray>();

  install(): void {
    const platform = this;
    vi.stubGlobal("ImageData", PlainImageData);
    vi.stubGlobal("createImageBitmap", (blob: Blob) => {
      const bitmap = decode(blob);
      this.#decoding.push(bitmap);
      return bitmap;
    });
    vi.stubGlobal("requestAnimationFrame", (work: () => void) => this.#frames.push(work));
    vi.stubGlobal("cancelAnimationFrame", (frame: number) => {
      if (frame > 0) this.#frames[frame - 1] = () => undefined;
    });
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (
      this: HTMLCanvasElement,
    ) {
      return platform.#context(this) as never;
    });
    vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done) => done(new Blob()));
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      platform.downloads.push(this.download);
    });
    URL.createObjectURL = () => {
      const address = `blob:made-${this.addresses.size}-${Math.random()}`;
      this.addresses.add(address);
      return address;
    };
    URL.revokeObjectURL = (address) => this.addresses.delete(address);
  }

  /** Let decoding finish, then draw the frames that were asked for; how many there were. */
  async frame(): Promise<number> {
    await Promise.allSettled(this.#decoding);
    await new Promise((nextTurn) => setTimeout(nextTurn));
    const frames = this.#frames;
    this.#frames = [];
    for (const work of frames) work();
    return frames.length;
  }

  /** The RGBA of one pixel of a canvas. */
  pixel(canvas: HTMLCanvasElement, x: number, y: number): number[] {
    const start = 4 * (y * canvas.width + x);
    return [...(this.#canvases.get(canvas)?.slice(start, start + 4) ?? [])];
  }

  #context(canvas: HTMLCanvasElement) {
    return {
      putImageData: (image: PlainImageData) => {
        this.paints += 1;
        this.#canvases.set(canvas, image.data);
      },
      drawImage: (source: { width: number; height: number; grey?: number }) => {
        const pixels = new Uint8ClampedArray(4 * source.width * source.height);
        for (let i = 0; i < pixels.length; i++) pixels[i] = i % 4 === 3 ? 255 : (source.grey ?? 0);
        this.#canvases.set(canvas, pixels);
      },
      fillRect: () => undefined,
      fillText: () => undefined,
      getImageData: (_x: number, _y: number, width: number, height: number) =>
        new PlainImageData(this.#canvases.get(canvas) ?? new Uint8ClampedArray(), width, height),
    };
  }
}

class PlainImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {
    if (data.length !== 4 * width * height) throw new RangeError("pixels do not fit the size");
  }
}

async function decode(blob: Blob) {
  const [height = 0, width = 0, grey = 0] = await bytesOf(blob);
  if (height * width === 0) throw new Error("the source image could not be decoded");
  return { height, width, grey, close: () => undefined };
}

function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.readAsArrayBuffer(blob);
  });
}
