import type { AnyModel } from "@anywidget/types";

type Listener = (...args: never[]) => void;

/** The model of a widget with no kernel behind it: what is saved is answered on the page itself. */
export class PageModel<T extends object> implements AnyModel<T> {
  readonly widget_manager = {
    isPage: true,
    get_model: () => Promise.reject(new Error("a page holds one model")),
  };
  #values: T;
  #listeners = new Map<string, Set<Listener>>();
  #answer: (values: T) => Promise<Partial<T> | null>;

  constructor(values: T, answer: (values: T) => Promise<Partial<T> | null>) {
    this.#values = { ...values };
    this.#answer = answer;
  }

  get<K extends keyof T>(name: K): T[K] {
    return this.#values[name];
  }

  set<K extends keyof T>(name: K, value: T[K]): void {
    this.receive({ [name]: value } as unknown as Partial<T>);
  }

  save_changes(): void {
    void this.#answer(this.#values).then((answer) => answer && this.receive(answer));
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event?: string | null, listener?: Listener | null): void {
    for (const [name, listeners] of this.#listeners) {
      if (event && event !== name) continue;
      if (listener) listeners.delete(listener);
      else listeners.clear();
    }
  }

  send(): void {
    throw new Error("state is traits, never messages");
  }

  /** All values first, then the events, as a message from a kernel does. */
  receive(values: Partial<T>): void {
    const changed = (Object.keys(values) as (keyof T & string)[]).filter(
      (name) => !Object.is(this.#values[name], values[name]),
    );
    this.#values = { ...this.#values, ...values };
    for (const name of changed) {
      for (const listener of [...(this.#listeners.get(`change:${name}`) ?? [])]) listener();
    }
  }
}
