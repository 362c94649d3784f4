import type { RenderProps } from "@anywidget/types";
import "./explainer.css";
import type { Traits } from "./traits";
import { explainerView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const view = explainerView(model, controller.signal);
  el.append(view);
  return () => {
    controller.abort();
    view.remove();
  };
}

export default { render };
