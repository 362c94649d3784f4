import type { AnyModel } from "@anywidget/types";
import { idOf } from "../nested/reference";

export interface FrontEnd {
  render(view: string, props: object): (() => void) | undefined;
}

interface Loaded {
  readonly frontEnd: Promise<FrontEnd>;
  readonly styles: string;
}

const patience = { tries: 20, pause: 250 };

// A browser never forgets a module: one for each key is all that a page ever imports.
const shared = Symbol.for("xcnn-widgets");
const page = globalThis as { [shared]?: Map<string, Loaded> };

/** The front end that a model holds, with its styles in the element's document. */
export async function frontEndOf(
  model: AnyModel,
  reference: string,
  el: HTMLElement,
): Promise<FrontEnd> {
  const holder = await holderOf(model, idOf(reference));
  const key: string = holder.get("_key");
  page[shared] ??= new Map();
  const known = page[shared];
  const loaded = known.get(key) ?? {
    frontEnd: imported(holder.get("_script")),
    styles: holder.get("_styles"),
  };
  known.set(key, loaded);
  try {
    const frontEnd = await loaded.frontEnd;
    dress(el.ownerDocument, known);
    return frontEnd;
  } catch (cause) {
    known.delete(key);
    throw cause;
  }
}

/** A page that is still restoring a kernel's models may get the one that is asked for a little later. */
async function holderOf(model: AnyModel, id: string): Promise<AnyModel> {
  for (let left = patience.tries; ; left--) {
    try {
      return await model.widget_manager.get_model(id);
    } catch (cause) {
      if (left === 0) throw cause;
      await new Promise((after) => setTimeout(after, patience.pause));
    }
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

/** One style sheet a document: that of the key that came last. */
function dress(document: Document, known: ReadonlyMap<string, Loaded>): void {
  const id = "xcnn-widgets-styles";
  const style = document.getElementById(id) ?? document.createElement("style");
  const { styles } = [...known.values()].at(-1) as Loaded;
  if (style.textContent !== styles) style.textContent = styles;
  style.id = id;
  if (!style.isConnected) document.head.append(style);
}
