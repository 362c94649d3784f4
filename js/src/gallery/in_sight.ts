/** Which elements are in sight of a scrolling box, or soon will be. */
export interface InSight {
  has(element: Element): boolean;
  watch(element: Element): void;
  forget(element: Element): void;
}

/** Follow what is in sight; where the browser cannot tell, everything is. */
export function inSight(box: Element, changed: () => void, signal: AbortSignal): InSight {
  const seen = new Set<Element>();
  if (typeof IntersectionObserver === "undefined") {
    return {
      has: (element) => seen.has(element),
      watch: (element) => void seen.add(element),
      forget: (element) => void seen.delete(element),
    };
  }
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      changed();
    },
    // By touch the box does not scroll by itself.
    { root: byTouch() ? null : box, rootMargin: "200px 0px" },
  );
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  return {
    has: (element) => seen.has(element),
    watch: (element) => observer.observe(element),
    forget(element) {
      observer.unobserve(element);
      seen.delete(element);
    },
  };
}

function byTouch(): boolean {
  return typeof matchMedia !== "undefined" && matchMedia("(pointer: coarse)").matches;
}
