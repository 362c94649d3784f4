import type { RenderProps } from "@anywidget/types";
import { host } from "../controls/host";
import { standing } from "../nested/standing";
import "./brush.css";
import type { Traits } from "./traits";
import { brushView } from "./view";

/** The brush as it can be on this page: all of it, or as it stood when its kernel went. */
function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  let shown = new AbortController();
  const draw = async () => {
    const why = await standing(model, model.get("_canvas"));
    if (controller.signal.aborted) return;
    shown.abort();
    shown = new AbortController();
    el.replaceChildren(brushView(model, why, shown.signal));
  };
  const look = () => void draw();
  const events = ["comm_live_update", "change:_canvas"];
  for (const event of events) model.on(event, look);
  el.classList.add("xcnn-host");
  host(el, controller.signal);
  look();
  return () => {
    for (const event of events) model.off(event, look);
    controller.abort();
    shown.abort();
    el.replaceChildren();
    el.classList.remove("xcnn-host");
  };
}

export default { render };
