import { classSearch } from "../controls/class_search";
import { type Control, onEnter } from "../controls/control";
import { element, setText, uniqueId } from "../controls/element";
import { segments } from "../controls/segments";
import type { Choices } from "./traits";

type Filter = Pick<Choices, "show" | "show_class" | "show_label" | "show_text">;

/** A hand that types on is waited for; milliseconds. */
const typing = 250;

interface Shown extends Filter {
  readonly labels: boolean;
  /** Whether there are several models, of which the last may right or wrong what the first said. */
  readonly several: boolean;
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
      { value: "fixed", label: "Fixed" },
      { value: "broken", label: "Broken" },
    ],
    choose: (value) => choose({ show: value as Filter["show"] }),
    signal,
  });
  const predicted = classFilter({
    hook: "show-class",
    label: "Show only pictures predicted as",
    placeholder: "Any prediction",
    chosen: (name) => `Only pictures predicted as ${name}`,
    choose: (show_class) => choose({ show_class }),
    signal,
  });
  const labelled = classFilter({
    hook: "show-label",
    label: "Show only pictures labelled as",
    placeholder: "Any true label",
    chosen: (name) => `Only pictures labelled as ${name}`,
    choose: (show_label) => choose({ show_label }),
    signal,
  });
  const id = uniqueId("show-text");
  const text = element("input", {
    id,
    type: "text",
    placeholder: "Part of the name",
    autocomplete: "off",
    spellcheck: "false",
    "data-xcnn": "show-text",
  });
  let known = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enter = () => {
    clearTimeout(timer);
    const wanted = text.value.trim();
    if (wanted !== known) choose({ show_text: wanted });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(enter, typing);
  };
  text.addEventListener("input", soon, { signal });
  text.addEventListener("change", enter, { signal });
  onEnter(text, enter, signal);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  const between = ["fixed", "broken"].flatMap((value) => {
    const label = show.element.querySelector(`[value=${value}]`)?.closest("label");
    return label ? [label] : [];
  });
  const showRow = titled("Show", show.element);
  const labelRow = titled("Label", labelled.element);
  return {
    element: element(
      "div",
      { class: "xcnn-group" },
      showRow,
      titled("Class", predicted.element),
      labelRow,
      element("div", { class: "xcnn-row" }, element("label", { for: id }, "Name"), text),
    ),
    show(state) {
      const { labels, names, several } = state;
      for (const choice of between) {
        choice.hidden = !several && state.show !== choice.querySelector("input")?.value;
      }
      showRow.hidden = !labels && state.show === "all";
      labelRow.hidden = !labels && (state.show_label ?? null) === null;
      show.show(state.show);
      predicted.show({ names, index: state.show_class });
      labelled.show({ names, index: state.show_label ?? null });
      known = state.show_text;
      // What is being typed is ahead of what was answered.
      if (text.value.trim() !== known && !text.matches(":focus")) text.value = known;
    },
  };
}

interface ClassFilter {
  readonly hook: string;
  readonly label: string;
  readonly placeholder: string;
  readonly chosen: (name: string) => string;
  readonly choose: (index: number | null) => void;
  readonly signal: AbortSignal;
}

/** A search for a class, or the class that was found and the way back from it. */
function classFilter({ hook, label, placeholder, chosen, choose, signal }: ClassFilter): Control<{
  readonly names: readonly string[];
  readonly index: number | null;
}> {
  const search = classSearch(choose, signal, { hook, label, placeholder });
  const text = element("span", { class: "xcnn-class-name" });
  const clear = element("button", { type: "button", "data-xcnn": `${hook}-clear` }, "×");
  clear.addEventListener("click", () => choose(null), { signal });
  const chip = element("span", { class: "xcnn-chip" }, text, clear);
  return {
    element: element("span", { class: "xcnn-class-filter" }, search.element, chip),
    show({ names, index }) {
      search.show(names);
      search.element.hidden = index !== null;
      chip.hidden = index === null;
      if (index === null) return;
      const name = names[index] ?? `class ${index}`;
      setText(text, name);
      chip.title = chosen(name);
      clear.setAttribute("aria-label", `${chosen(name)}: show others again`);
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
