import type { AnyModel } from "@anywidget/types";

type Listener = (...args: never[]) => void;

/**
 * A model as a host gives it to a view, without a kernel behind it: change events for values that
 * differ, and a record of what each `save_changes` would have sent.
 */
export class FakeModel<T extends object> implements AnyModel<T> {
  readonly saved: Partial<T>[] = [];
  readonly widget_manager: AnyModel<T>["widget_manager"];
  #values: T;
  #unsaved: Partial<T> = {};
  #listeners = new Map<string, Set<Listener>>();

  /** ipywidgets hands its own model, the host, to listeners, which tells whether a kernel is there. */
  constructor(
    values: T,
    manager: AnyModel<T>["widget_manager"] = {
      get_model: () => Promise.reject(new Error("no other model")),
    },
    readonly host?: { comm_live: boolean },
  ) {
    this.#values = { ...values };
    this.widget_manager = manager;
  }

  get<K extends keyof T>(name: K): T[K] {
    return this.#values[name];
  }

  set<K extends keyof T>(name: K, value: T[K]): void {
    if (Object.is(this.#values[name], value)) return;
    this.#values[name] = value;
    this.#unsaved[name] = value;
    this.#tell(String(name));
  }

  save_changes(): void {
    this.saved.push(this.#unsaved);
    this.#unsaved = {};
  }

  /** As if Python had set several traits in one message: all values first, then the events. */
  receive(values: Partial<T>): void {
    const changed = (Object.keys(values) as (keyof T)[]).filter(
      (name) => !Object.is(this.#values[name], values[name]),
    );
    this.#values = { ...this.#values, ...values };
    for (const name of changed) this.#tell(String(name));
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

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  /** As ipywidgets tells of more than changes. */
  tell(event: string): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      (listener as (host?: object) => void)(this.host);
    }
  }

  #tell(name: string): void {
    this.tell(`change:${name}`);
  }
}
