/** Between two moves that are let through, in milliseconds: 50 a second. */
export const pace = 20;

/**
 * Let through one move of the mouse or of a finger at a time, the latest: ipycanvas sends a message
 * for each, and a mouse makes up to a thousand a second.
 */
export function fewerMoves(target: HTMLElement, signal: AbortSignal): void {
  const passed = new WeakSet<Event>();
  let waiting: MouseEvent | TouchEvent | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;

  const release = () => {
    clearTimeout(timer);
    timer = undefined;
    const event = waiting;
    waiting = null;
    if (!event) return;
    last = performance.now();
    const same = copy(event);
    passed.add(same);
    event.target?.dispatchEvent(same);
  };
  const hold = (event: MouseEvent | TouchEvent) => {
    if (passed.has(event)) return;
    event.stopImmediatePropagation();
    if (event.type === "touchmove") event.preventDefault();
    waiting = event;
    const rest = last + pace - performance.now();
    if (rest <= 0) release();
    else timer ??= setTimeout(release, rest);
  };
  const listen = { capture: true, passive: false, signal };
  target.addEventListener("mousemove", hold, listen);
  target.addEventListener("touchmove", hold, listen);
  // What ends or begins a stroke comes after the moves before it.
  for (const kind of [
    "mousedown",
    "mouseup",
    "mouseout",
    "touchstart",
    "touchend",
    "touchcancel",
  ]) {
    target.addEventListener(kind, release, listen);
  }
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

function copy(event: MouseEvent | TouchEvent): MouseEvent | TouchEvent {
  const made = event.constructor as new (type: string, like: object) => MouseEvent | TouchEvent;
  return new made(event.type, event);
}
