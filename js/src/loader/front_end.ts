import type { AnyModel } from "@anywidget/types";
import { idOf } from "../nested/reference";
import { dress } from "./dress";

export interface FrontEnd {
  render(view: string, props: object): (() => void) | undefined;
}

export interface Loaded {
  readonly frontEnd: Promise<FrontEnd>;
  readonly styles: string;
}

// In milliseconds. A manager may itself wait long for a model that it does not have.
const patience = { whole: 5000, pause: 250 };

// A browser never forgets a module: one for each key is all that a page ever imports.
const shared = Symbol.for("xcnn-widgets");
const page = globalThis as { [shared]?: Map<string, Loaded> };

/** What the page has loaded, by the keys of script and styles. */
export function loadedOnPage(): Map<string, Loaded> {
  page[shared] ??= new Map();
  return page[shared];
}

/** The front end that a model holds, with its styles where they reach the element. */
export async function frontEndOf(
  model: AnyModel,
  reference: string,
  el: HTMLElement,
  signal: AbortSignal,
): Promise<FrontEnd> {
  const holder = await holderOf(model, idOf(reference), signal);
  const key: string = holder.get("_key");
  const known = loadedOnPage();
  const loaded = known.get(key) ?? {
    frontEnd: imported(holder.get("_script")),
    styles: holder.get("_styles"),
  };
  known.set(key, loaded);
  try {
    const frontEnd = await loaded.frontEnd;
    dress(el, known, signal);
    return frontEnd;
  } catch (cause) {
    known.delete(key);
    throw cause;
  }
}

/** A page that is still restoring a kernel's models may get the one that is asked for a little later. */
async function holderOf(model: AnyModel, id: string, signal: AbortSignal): Promise<AnyModel> {
  let over = false;
  const asking = async () => {
    for (;;) {
      try {
        return await model.widget_manager.get_model(id);
      } catch (cause) {
        if (over || signal.aborted) throw cause;
        await new Promise((after) => setTimeout(after, patience.pause));
        if (over || signal.aborted) throw cause;
      }
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the page does not have it")), patience.whole);
  });
  try {
    return await Promise.race([asking(), enough]);
  } finally {
    over = true;
    clearTimeout(timer);
  }
}

async function imported(script: string): Promise<FrontEnd> {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return (await import(/* @vite-ignore */ url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}
