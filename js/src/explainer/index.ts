import type { RenderProps } from "@anywidget/types";
import "./explainer.css";
import type { Traits } from "./traits";
import { explainerView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const view = explainerView(model, controller.signal);
  el.classList.add("xcnn-host");
  el.append(view);
  return () => {
    controller.abort();
    view.remove();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
