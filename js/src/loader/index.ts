import type { AnyModel, RenderProps } from "@anywidget/types";
import { frontEndOf } from "./front_end";

interface Traits {
  /** The model that holds the front end, by its name. */
  _front_end: string;
  _view: string;
}

type Props = Pick<RenderProps<Traits>, "model" | "el"> & { readonly signal?: AbortSignal };

/** What every widget carries as its own script: it draws with the front end that they share. */
async function render(props: Props): Promise<() => void> {
  const { model, el, signal } = props;
  const gone = new AbortController();
  const stop = () => gone.abort();
  signal?.addEventListener("abort", stop, { once: true });
  // A widget that its kernel closes while it loads has nothing to say.
  model.on("destroy", stop);
  let takeDown: (() => void) | undefined;
  try {
    const shared = model as unknown as AnyModel;
    const frontEnd = await frontEndOf(shared, model.get("_front_end"), el, gone.signal);
    if (!gone.signal.aborted) takeDown = frontEnd.render(model.get("_view"), props);
  } catch (cause) {
    if (!gone.signal.aborted) takeDown = say(el, cause);
  }
  return () => {
    stop();
    signal?.removeEventListener("abort", stop);
    model.off("destroy", stop);
    takeDown?.();
  };
}

/** Say in the widget's place that there is nothing to draw it with, and the way out. */
function say(el: HTMLElement, cause: unknown): () => void {
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  const why = cause instanceof Error ? cause.message : String(cause);
  words.textContent =
    "This widget's script did not load. Run its cell again; " +
    `if that does not help, restart the kernel and reload the page. (${why})`;
  el.append(words);
  return () => words.remove();
}

export default { render };
