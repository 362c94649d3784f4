import type { AnyModel, RenderProps } from "@anywidget/types";
import { element, setText, uniqueId } from "../controls/element";
import { host } from "../controls/host";
import { follow } from "../controls/model";
import { canNest, nestView } from "../nested/nested_view";
import "./brush.css";
import { fewerMoves } from "./fewer_moves";
import { leaveTheRest } from "./own_keys";
import { nameParts } from "./part_names";

export interface Traits {
  /** ipycanvas's widget. */
  _canvas: string;
  label: string;
  hint: string;
  status: string;
}

/** The canvas in a labelled group, with a line that says how to paint and one that says what happened. */
function render({ model, el }: Pick<RenderProps<Traits>, "model" | "el">): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const hint = element("p", { id: uniqueId("hint"), class: "xcnn-brush-note" });
  const status = element("p", { role: "status", "aria-live": "polite" });
  const frame = element("div", { class: "xcnn-brush-frame" });
  const group = element("div", { class: "xcnn-brush-stage", role: "group" }, hint, frame, status);
  fewerMoves(frame, signal);
  leaveTheRest(frame, signal);
  let canvas: HTMLElement | null = null;
  const show = () => {
    setText(hint, model.get("hint"));
    setText(status, model.get("status"));
    group.setAttribute("aria-label", model.get("label"));
    canvas?.setAttribute("aria-label", model.get("label"));
  };
  follow(model, ["label", "hint", "status"], show, signal);
  void draw(model, frame, signal).then((drawn) => {
    canvas = drawn;
    const brush = frame.closest<HTMLElement>(".xcnn-brush");
    if (brush) {
      nameParts(brush, signal);
      host(brush, signal);
    }
    const told = { role: "application", "aria-describedby": hint.id };
    for (const [name, value] of Object.entries(told)) canvas?.setAttribute(name, value);
    show();
  });
  el.append(group);
  return () => {
    controller.abort();
    group.remove();
  };
}

async function draw(model: AnyModel<Traits>, frame: HTMLElement, signal: AbortSignal) {
  try {
    if (canNest(model)) return await nestView(model, model.get("_canvas"), frame, signal);
  } catch (cause) {
    frame.title = String(cause);
  }
  frame.append("The picture cannot be drawn here: it needs a page with a running kernel.");
  return null;
}

export default { render };
