import type { RenderProps } from "@anywidget/types";
import { afterlife } from "../atlas/afterlife";
import { outliving } from "../atlas/outliving";
import { host } from "../controls/host";
import "./explainer.css";
import { hideAndSee } from "./hide_and_see";
import type { Traits } from "./traits";
import { explainerView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const brush = hideAndSee(model, controller.signal);
  const lasting = outliving(model, afterlife, controller.signal);
  const view = explainerView(lasting, brush.button, controller.signal);
  el.classList.add("xcnn-host");
  host(el, controller.signal);
  el.append(view, brush.place);
  return () => {
    controller.abort();
    view.remove();
    brush.place.remove();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
