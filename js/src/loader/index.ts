import type { AnyModel, RenderProps } from "@anywidget/types";
import { frontEndOf } from "./front_end";

interface Traits {
  /** The model that holds the front end, by its name. */
  _front_end: string;
  _view: string;
}

type Props = Pick<RenderProps<Traits>, "model" | "el"> & { readonly signal?: AbortSignal };

/** What every widget carries as its own script: it draws with the front end that they share. */
async function render(props: Props): Promise<(() => void) | undefined> {
  const { model, el, signal } = props;
  try {
    const frontEnd = await frontEndOf(model as unknown as AnyModel, model.get("_front_end"), el);
    if (signal?.aborted) return;
    return frontEnd.render(model.get("_view"), props);
  } catch (cause) {
    if (signal?.aborted) return;
    const words = document.createElement("p");
    words.setAttribute("role", "alert");
    words.textContent = `This widget's script did not load: run its cell again. (${String(cause)})`;
    el.append(words);
    return () => words.remove();
  }
}

export default { render };
