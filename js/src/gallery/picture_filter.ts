import { classSearch } from "../controls/class_search";
import { type Control, onEnter } from "../controls/control";
import { element, setText, uniqueId } from "../controls/element";
import { segments } from "../controls/segments";
import type { Choices } from "./traits";

type Filter = Pick<Choices, "show" | "show_class" | "show_text">;

interface Shown extends Filter {
  readonly labels: boolean;
  readonly names: readonly string[];
}

/** Which pictures are shown: right or wrong ones, those predicted as a class, those of a name. */
export function pictureFilter(
  choose: (filter: Partial<Filter>) => void,
  signal: AbortSignal,
): Control<Shown> {
  const show = segments({
    label: "Show pictures",
    hook: "show",
    choices: [
      { value: "all", label: "All" },
      { value: "right", label: "Right" },
      { value: "wrong", label: "Wrong" },
    ],
    choose: (value) => choose({ show: value as Filter["show"] }),
    signal,
  });
  const search = classSearch((show_class) => choose({ show_class }), signal, {
    hook: "show-class",
    label: "Show only pictures predicted as",
    placeholder: "Any prediction",
  });
  const chosen = element("span", { class: "xcnn-class-name" });
  const clear = element("button", { type: "button", "data-xcnn": "show-class-clear" }, "×");
  clear.addEventListener("click", () => choose({ show_class: null }), { signal });
  const chip = element("span", { class: "xcnn-chip" }, chosen, clear);
  const id = uniqueId("show-text");
  const text = element("input", {
    id,
    type: "text",
    placeholder: "Part of the name",
    autocomplete: "off",
    spellcheck: "false",
    "data-xcnn": "show-text",
  });
  const enter = () => choose({ show_text: text.value.trim() });
  text.addEventListener("change", enter, { signal });
  onEnter(text, enter, signal);
  const showRow = titled("Show", show.element);
  return {
    element: element(
      "div",
      { class: "xcnn-group" },
      showRow,
      titled("Class", element("span", { class: "xcnn-class-filter" }, search.element, chip)),
      element("div", { class: "xcnn-row" }, element("label", { for: id }, "Name"), text),
    ),
    show(state) {
      const { labels, names, show_class } = state;
      showRow.hidden = !labels && state.show === "all";
      show.show(state.show);
      search.show(names);
      search.element.hidden = show_class !== null;
      chip.hidden = show_class === null;
      if (show_class !== null) {
        const name = names[show_class] ?? `class ${show_class}`;
        setText(chosen, name);
        chosen.title = `Only pictures predicted as ${name}`;
        clear.setAttribute("aria-label", `Show other pictures than ${name} again`);
      }
      if (text.value !== state.show_text) text.value = state.show_text;
    },
  };
}

/** A control that has its own name for a screen reader, with a title before it for the eye. */
export function titled(title: string, control: HTMLElement): HTMLElement {
  return element(
    "div",
    { class: "xcnn-row" },
    element("span", { "aria-hidden": "true" }, title),
    control,
  );
}
