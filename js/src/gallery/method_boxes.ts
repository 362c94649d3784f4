import type { Control } from "../controls/control";
import { element, setText } from "../controls/element";
import type { Method } from "./traits";

interface Shown {
  readonly methods: readonly Method[];
  /** The names of those that have a column, in the order of the columns. */
  readonly shown: readonly string[];
}

/** Methods as tick boxes: a new one comes last, and the only one left cannot be taken away. */
export function methodBoxes(
  choose: (methods: readonly string[]) => void,
  signal: AbortSignal,
): Control<Shown> {
  const list = element("div", { class: "xcnn-boxes", role: "group", "aria-label": "Methods" });
  const boxes: { input: HTMLInputElement; label: HTMLElement; text: HTMLElement; name: string }[] =
    [];
  let shown: readonly string[] = [];
  const boxAt = (place: number) => {
    const known = boxes[place];
    if (known) return known;
    const input = element("input", { type: "checkbox" });
    const text = element("span", { class: "xcnn-class-name" });
    const box = { input, label: element("label", {}, input, text), text, name: "" };
    input.addEventListener(
      "change",
      () => {
        const others = shown.filter((name) => name !== box.name);
        choose(input.checked ? [...others, box.name] : others);
      },
      { signal },
    );
    boxes.push(box);
    list.append(box.label);
    return box;
  };
  return {
    element: list,
    show(state) {
      shown = state.shown;
      for (const [place, { name, label }] of state.methods.entries()) {
        const box = boxAt(place);
        box.name = name;
        box.input.dataset.xcnn = `method-${name}`;
        box.input.checked = shown.includes(name);
        box.input.disabled = shown.length === 1 && shown[0] === name;
        box.label.title = box.input.disabled ? `${label}: the only method shown` : label;
        setText(box.text, label);
      }
      for (const box of boxes.splice(state.methods.length)) box.label.remove();
    },
  };
}
