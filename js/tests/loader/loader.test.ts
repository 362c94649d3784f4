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
  return { get: (name: string) => values[name] } as unknown as AnyModel;
}

function held(key: string, script = draws): AnyModel {
  return model({ _key: key, _script: script, _styles: `.xcnn { --key: ${key}; }` });
}

function open(holder: () => Promise<AnyModel>, signal?: AbortSignal) {
  const asked: string[] = [];
  const widget_manager = {
    get_model: (id: string) => {
      asked.push(id);
      return holder();
    },
  };
  const shown = { ...model({ _front_end: "IPY_MODEL_f1", _view: "gallery" }), widget_manager };
  const el = document.body.appendChild(document.createElement("div"));
  const closed = loader.render({ model: shown as never, el, ...(signal ? { signal } : {}) });
  return { el, asked, closed };
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
  close?.();
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
  expect(await closed).toBeUndefined();
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
  expect(words?.textContent).toContain("run its cell again");
  expect(words?.textContent).toContain("widget model not found");
  close?.();
  expect(el.childElementCount).toBe(0);
  vi.useRealTimers();
});

test("a script that cannot be read is said, and is tried anew by the next view", async () => {
  const first = open(async () => held("a", "this is no script"));
  await first.closed;
  expect(first.el.textContent).toContain("run its cell again");
  const next = open(async () => held("a"));
  await next.closed;
  expect(next.el.textContent).toBe("gallery");
});
