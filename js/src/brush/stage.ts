import { element, setText, uniqueId } from "../controls/element";
import { follow } from "../controls/model";
import { nestView } from "../nested/nested_view";
import { fewerMoves } from "./fewer_moves";
import { leaveTheRest } from "./own_keys";
import { still } from "./still";
import type { Model } from "./traits";

const hint = "Paint with mouse or finger, or with arrow keys and Space.";

/** The canvas in a labelled group over the picture as it stands, with a line that says how to paint. */
export function stage(model: Model, signal: AbortSignal): HTMLElement {
  const about = element("p", { id: uniqueId("hint"), class: "xcnn-hint" }, hint);
  const trouble = element("p", { class: "xcnn-trouble", role: "alert" });
  const frame = element("div", { class: "xcnn-brush-frame" }, ...still(model, signal));
  const group = element("div", { class: "xcnn-stage", role: "group" }, frame, trouble, about);
  fewerMoves(frame, signal);
  leaveTheRest(frame, signal);
  let canvas: HTMLElement | null = null;
  const show = () => {
    const picture = model.get("_picture");
    const [height, width] = picture?.size ?? [1, 1];
    frame.style.aspectRatio = `${width} / ${height}`;
    const label = `${picture?.name ?? "Picture"}, to paint on`;
    group.setAttribute("aria-label", label);
    canvas?.setAttribute("aria-label", label);
  };
  follow(model, ["_picture"], show, signal);
  const reference = model.get("_canvas");
  if (reference) {
    nestView(model, reference, frame, signal).then(
      (drawn) => {
        canvas = drawn;
        if (!canvas) return;
        for (const image of frame.querySelectorAll("img"))
          image.setAttribute("aria-hidden", "true");
        const told = { role: "application", "aria-describedby": about.id };
        for (const [name, value] of Object.entries(told)) canvas.setAttribute(name, value);
        show();
      },
      (cause) => setText(trouble, `The canvas cannot be drawn here: ${String(cause)}`),
    );
  }
  return group;
}
