const painting = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  " ",
  "Enter",
  "Escape",
]);

/** Whether the brush does something on a key; all others are the page's. */
export function paints(event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  return command ? ["z", "y"].includes(event.key.toLowerCase()) : painting.has(event.key);
}

/** Keep from the canvas what it would swallow: Tab, the browser's shortcuts, scrolling. */
export function leaveTheRest(target: HTMLElement, signal: AbortSignal): void {
  const listen = { capture: true, signal };
  target.addEventListener(
    "keydown",
    (event) => {
      if (!paints(event)) event.stopImmediatePropagation();
    },
    listen,
  );
  target.addEventListener("wheel", (event) => event.stopImmediatePropagation(), listen);
}
