/** Which elements are in sight, or soon will be. */
export interface InSight {
  has(element: Element): boolean;
  watch(element: Element): void;
  forget(element: Element): void;
}

/** Follow what is in sight; where the browser cannot tell, everything is. */
export function inSight(changed: () => void, signal: AbortSignal): InSight {
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
    // The box scrolls by itself where there is room for that, and with the page on a phone.
    { rootMargin: "200px 0px", scrollMargin: "200px 0px" } as IntersectionObserverInit,
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
