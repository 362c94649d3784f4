import type { RenderProps } from "@anywidget/types";
import { dress } from "./loader/dress";
import { type FrontEnd, loadedOnPage } from "./loader/front_end";

interface Traits {
  _view: string;
}

type Props = Pick<RenderProps<Traits>, "model" | "el"> & { readonly signal?: AbortSignal };

/** A widget that needs no other model: its own script is this front end, with the styles in it. */
export function wholeWidget(frontEnd: FrontEnd, key: string, styles: string) {
  return {
    render(props: Props): () => void {
      const { model, el, signal } = props;
      const gone = new AbortController();
      const stop = () => gone.abort();
      signal?.addEventListener("abort", stop, { once: true });
      const known = loadedOnPage();
      if (!known.has(key)) known.set(key, { frontEnd: Promise.resolve(frontEnd), styles });
      dress(el, known, gone.signal);
      const takeDown = frontEnd.render(model.get("_view"), props);
      return () => {
        stop();
        signal?.removeEventListener("abort", stop);
        takeDown?.();
      };
    },
  };
}
