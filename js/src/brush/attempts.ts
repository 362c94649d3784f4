import { element } from "../controls/element";
import { group } from "../controls/group";
import { follow } from "../controls/model";
import { pngIn } from "./still";
import { type Model, wish } from "./traits";

const none = "Every stroke is an attempt: it is kept here, and a click returns to it.";

/** The attempts so far, the newest first, each a button that returns to it. Their place is kept from the start. */
export function attempts(model: Model, signal: AbortSignal): HTMLElement {
  const list = element("div", { class: "xcnn-attempts" });
  let drawn = new AbortController();
  follow(
    model,
    ["history"],
    () => {
      drawn.abort();
      drawn = new AbortController();
      const made = model.get("history").map(({ position, picture, label, sentence }) => {
        const image = element("img", { alt: "", draggable: "false" });
        pngIn(image, drawn.signal)(picture);
        const button = element(
          "button",
          {
            type: "button",
            class: "xcnn-attempt",
            title: sentence,
            "aria-label": sentence,
            "data-xcnn": "attempt",
          },
          image,
          element("span", { "aria-hidden": "true" }, label),
        );
        button.addEventListener("click", () => wish(model, "return_to", position), { signal });
        return button;
      });
      list.replaceChildren(
        ...(made.length > 0 ? made : [element("p", { class: "xcnn-hint" }, none)]),
      );
    },
    signal,
  );
  signal.addEventListener("abort", () => drawn.abort(), { once: true });
  return group("Attempts", list);
}
