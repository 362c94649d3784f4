// @vitest-environment jsdom
import type { AnyModel } from "@anywidget/types";
import { beforeEach, expect, test, vi } from "vitest";
import loader from "../../src/loader";

const registry = globalThis as unknown as Record<symbol, Map<string, unknown> | undefined>;
const shared = Symbol.for("xcnn-widgets");
let made: string[];

beforeEach(() => {
  made = [];
  delete registry[shared];
  document.head.replaceChildren();
  document.body.replaceChildren();
  // Node imports no blobs; an address with the script in it is a module just as well.
  URL.createObjectURL = (blob: Blob | MediaSource) => {
    made.push((blob as Blob & { text: string }).text);
    return `data:text/javascript,${encodeURIComponent(made.at(-1) ?? "")}`;
  };
  URL.revokeObjectURL = () => undefined;
  vi.stubGlobal(
    "Blob",
    class {
      readonly text: string;
      constructor(parts: string[]) {
        this.text = parts.join("");
      }
    },
  );
});

const draws = `export default { render(view, { el }) {
  el.append(view);
  return () => el.replaceChildren();
} };`;

function model(traits: object): AnyModel {
  const values: Record<string, unknown> = { ...traits };
  const listeners = new Map<string, () => void>();
  return {
    get: (name: string) => values[name],
    on: (event: string, listener: () => void) => listeners.set(event, listener),
    off: (event: string) => listeners.delete(event),
    tell: (event: string) => listeners.get(event)?.(),
  } as unknown as AnyModel;
}

function held(key: string, script = draws): AnyModel {
  return model({ _key: key, _script: script, _styles: `.xcnn { --key: ${key}; }` });
}

function open(
  holder: () => Promise<AnyModel>,
  signal?: AbortSignal,
  into: Element | ShadowRoot = document.body,
) {
  const asked: string[] = [];
  const widget_manager = {
    get_model: (id: string) => {
      asked.push(id);
      return holder();
    },
  };
  const shown = { ...model({ _front_end: "IPY_MODEL_f1", _view: "gallery" }), widget_manager };
  const el = into.appendChild(document.createElement("div"));
  const closed = loader.render({ model: shown as never, el, ...(signal ? { signal } : {}) });
  const close = () => (shown as unknown as { tell(event: string): void }).tell("destroy");
  return { el, asked, closed, close };
}

const styles = () => [...document.querySelectorAll("style")].map((style) => style.textContent);

test("two views import the script once and are dressed once; each is cleaned up by itself", async () => {
  const [one, other] = [open(async () => held("a")), open(async () => held("a"))];
  const close = await one.closed;
  await other.closed;
  expect([one.asked, one.el.textContent, other.el.textContent]).toEqual([
    ["f1"],
    "gallery",
    "gallery",
  ]);
  expect(made).toHaveLength(1);
  expect(styles()).toEqual([".xcnn { --key: a; }"]);
  close();
  expect([one.el.textContent, other.el.textContent]).toEqual(["", "gallery"]);
});

test("another key is imported too, and its styles are those of the page", async () => {
  await open(async () => held("a")).closed;
  await open(async () => held("b", `${draws}// b`)).closed;
  await open(async () => held("a")).closed;
  expect(made).toHaveLength(2);
  expect(styles()).toEqual([".xcnn { --key: b; }"]);
});

test("a view that was removed before the script came is not drawn any more", async () => {
  const controller = new AbortController();
  const { el, closed } = open(async () => held("a"), controller.signal);
  controller.abort();
  await closed;
  expect(el.childElementCount).toBe(0);
  expect(el.textContent).toBe("");
});

test("a model that the page gets a little later is waited for", async () => {
  vi.useFakeTimers();
  let tries = 0;
  const { el, closed } = open(async () => {
    if (tries++ < 3) throw new Error("widget model not found");
    return held("a");
  });
  await vi.runAllTimersAsync();
  await closed;
  expect(el.textContent).toBe("gallery");
  vi.useRealTimers();
});

test("where there is no such model, that is said in the widget with the way out", async () => {
  vi.useFakeTimers();
  const { el, closed } = open(() => Promise.reject(new Error("widget model not found")));
  await vi.runAllTimersAsync();
  const close = await closed;
  const words = el.querySelector('[role="alert"]');
  expect(words?.textContent).toContain("Run its cell again");
  expect(words?.textContent).toContain("the page does not have it");
  close();
  expect(el.childElementCount).toBe(0);
  vi.useRealTimers();
});

test("a manager that waits long for a model is not waited for", async () => {
  vi.useFakeTimers();
  const { el, closed } = open(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(5000);
  await closed;
  expect(el.textContent).toContain("Run its cell again");
  vi.useRealTimers();
});

test("a widget that is closed while it loads says nothing", async () => {
  vi.useFakeTimers();
  const { el, closed, close } = open(() => Promise.reject(new Error("widget model not found")));
  await vi.advanceTimersByTimeAsync(600);
  close();
  await vi.runAllTimersAsync();
  await closed;
  expect(el.childElementCount).toBe(0);
  vi.useRealTimers();
});

test("in a shadow root the styles are in the shadow root", async () => {
  const root = document.body.appendChild(document.createElement("div")).attachShadow({
    mode: "closed",
  });
  await open(async () => held("a"), undefined, root).closed;
  expect(root.querySelector("style")?.textContent).toBe(".xcnn { --key: a; }");
  expect(document.querySelector("style")).toBeNull();
});

test("an element that comes into a shadow root later finds its styles there", async () => {
  const outside = document.createElement("div");
  await open(async () => held("a"), undefined, outside).closed;
  const root = document.body.appendChild(document.createElement("div")).attachShadow({
    mode: "open",
  });
  root.append(outside);
  await vi.waitFor(() => expect(root.querySelector("style")).not.toBeNull());
});

test("a script that cannot be read is said, and is tried anew by the next view", async () => {
  const first = open(async () => held("a", "this is no script"));
  await first.closed;
  expect(first.el.textContent).toContain("Run its cell again");
  const next = open(async () => held("a"));
  await next.closed;
  expect(next.el.textContent).toBe("gallery");
});
