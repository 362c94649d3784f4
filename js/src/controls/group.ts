import { element, uniqueId } from "./element";

/** Controls that belong together, under a title. */
export function group(title: string, ...rows: readonly HTMLElement[]): HTMLElement {
  const id = uniqueId("group");
  return element(
    "div",
    { class: "xcnn-group", role: "group", "aria-labelledby": id },
    element("div", { id, class: "xcnn-title" }, title),
    ...rows,
  );
}
