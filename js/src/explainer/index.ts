import type { RenderProps } from "@anywidget/types";
import { outliving } from "../atlas/outliving";
import "./explainer.css";
import type { Traits } from "./traits";
import { explainerView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const view = explainerView(outliving(model, controller.signal), controller.signal);
  el.classList.add("xcnn-host");
  el.append(view);
  return () => {
    controller.abort();
    view.remove();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
