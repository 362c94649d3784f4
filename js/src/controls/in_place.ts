/** Change what is shown, and scroll so that an element stays where it was on the screen, under the pointer. */
export function inPlace(element: HTMLElement, change: () => void): void {
  const before = element.getBoundingClientRect().top;
  change();
  const settle = () => {
    const moved = element.getBoundingClientRect().top - before;
    if (moved !== 0) scrollerOf(element)?.scrollBy({ top: moved, behavior: "instant" });
  };
  // Views draw in the next frame, ahead of this; a canvas that was never painted gets its size after it.
  requestAnimationFrame(() => {
    settle();
    requestAnimationFrame(settle);
  });
}

/** What scrolls an element, or the page. */
function scrollerOf(element: Element): Element | null {
  for (let above = parentOf(element); above; above = parentOf(above)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(above).overflowY);
    if (scrolls && above.scrollHeight > above.clientHeight) return above;
  }
  return element.ownerDocument.scrollingElement;
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}
