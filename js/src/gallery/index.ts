import type { RenderProps } from "@anywidget/types";
import { outliving } from "../atlas/outliving";
import { host } from "../controls/host";
import { afterlife } from "../page/gallery/afterlife";
import "./gallery.css";
import type { Traits } from "./traits";
import { galleryView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const view = galleryView(outliving(model, afterlife, controller.signal), controller.signal);
  el.classList.add("xcnn-host");
  host(el, controller.signal);
  el.append(view);
  return () => {
    controller.abort();
    view.remove();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
