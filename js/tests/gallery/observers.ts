import { vi } from "vitest";

type Told = (entries: { target: Element; isIntersecting: boolean }[]) => void;

/** What jsdom leaves out: observers of what is in sight, told by the test what that is. */
export class Observers {
  readonly alive = new Set<object>();
  #watched = new Map<Element, Told>();

  install(): void {
    const observers = this;
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        #tell: Told;
        constructor(tell: Told) {
          this.#tell = tell;
          observers.alive.add(this);
        }
        observe(element: Element): void {
          observers.#watched.set(element, this.#tell);
        }
        unobserve(element: Element): void {
          observers.#watched.delete(element);
        }
        disconnect(): void {
          observers.alive.delete(this);
        }
      },
    );
  }

  /** Bring an element into sight, or take it out. */
  see(target: Element, isIntersecting = true): void {
    this.#watched.get(target)?.([{ target, isIntersecting }]);
  }
}
