import type { Size } from "../pixels/decode";
import type { Cursor } from "./pane";

export type CursorCause = "pointer" | "keys";

/** Move a cursor over a canvas with the pointer, or with the arrow keys while it has the focus. */
export function followCursor(
  canvas: HTMLCanvasElement,
  moved: (to: Cursor | null, cause: CursorCause) => void,
  signal: AbortSignal,
  size: () => Size = () => [canvas.height, canvas.width],
): void {
  let at: Cursor | null = null;
  const go = (to: Cursor | null, cause: CursorCause) => {
    const [height, width] = size();
    at = to && {
      x: Math.min(width - 1, Math.max(0, to.x)),
      y: Math.min(height - 1, Math.max(0, to.y)),
    };
    moved(at, cause);
  };
  const point = (event: PointerEvent) => {
    const [height, width] = size();
    const box = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * height);
    if (Number.isFinite(x) && Number.isFinite(y)) go({ x, y }, "pointer");
  };
  canvas.addEventListener("pointermove", point, { signal });
  canvas.addEventListener("pointerdown", point, { signal });
  // A finger leaves with every tap: what it asked for stays.
  const left = (event: PointerEvent) => event.pointerType !== "touch" && go(null, "pointer");
  canvas.addEventListener("pointerleave", left, { signal });
  canvas.addEventListener("blur", () => go(null, "keys"), { signal });
  canvas.addEventListener(
    "keydown",
    (event) => {
      const step = steps[event.key];
      if (!step && (event.key !== "Escape" || !at)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!step) return go(null, "keys");
      const by = event.shiftKey ? 10 : 1;
      const [height, width] = size();
      const from = at ?? { x: width >> 1, y: height >> 1 };
      go({ x: from.x + by * step[0], y: from.y + by * step[1] }, "keys");
    },
    { signal },
  );
}

const steps: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
