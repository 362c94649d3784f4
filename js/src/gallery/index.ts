import type { RenderProps } from "@anywidget/types";
import { outliving } from "../atlas/outliving";
import { host } from "../controls/host";
import { afterlife } from "../page/gallery/afterlife";
import "./gallery.css";
import { openExplorer } from "./open_explorer";
import type { Traits } from "./traits";
import { galleryView } from "./view";

function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const explorer = openExplorer(model, controller.signal);
  const lasting = outliving(model, afterlife, controller.signal);
  const view = galleryView(lasting, explorer, controller.signal);
  el.classList.add("xcnn-host");
  host(el, controller.signal);
  el.append(view, explorer.place);
  return () => {
    controller.abort();
    view.remove();
    explorer.place.remove();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
