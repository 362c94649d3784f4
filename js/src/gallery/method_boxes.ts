import { factsOf, groupsOf } from "../controls/about_method";
import type { Control } from "../controls/control";
import { element, setText, uniqueId } from "../controls/element";
import type { Method } from "./traits";

interface Shown {
  readonly methods: readonly Method[];
  /** The names of those that have a column, in the order of the columns. */
  readonly shown: readonly string[];
}

interface Box {
  readonly method: Method;
  readonly input: HTMLInputElement;
  readonly label: HTMLElement;
  readonly about: HTMLElement;
}

/** Methods as tick boxes by family: a new one comes last, and the only one left cannot be taken away. */
export function methodBoxes(
  choose: (methods: readonly string[]) => void,
  signal: AbortSignal,
): Control<Shown> {
  const list = element("div", { class: "xcnn-boxes", role: "group", "aria-label": "Methods" });
  let boxes: readonly Box[] = [];
  let laid = "";
  let shown: readonly string[] = [];
  const press = ({ name }: Method, on: boolean) => {
    const others = shown.filter((one) => one !== name);
    choose(on ? [...others, name] : others);
  };
  const lay = (methods: readonly Method[]) => {
    const groups = groupsOf(methods).map(({ title, methods }) => {
      const made = methods.map((method) => box(method, press, signal));
      const nodes = made.flatMap(({ label, about }) => [label, about]);
      const attributes = { class: "xcnn-family", role: "group", "aria-label": title };
      const named = [
        element("div", { class: "xcnn-hint", "aria-hidden": "true" }, title),
        ...nodes,
      ];
      return { made, node: element("div", title ? attributes : {}, ...(title ? named : nodes)) };
    });
    boxes = groups.flatMap(({ made }) => made);
    list.replaceChildren(...groups.map(({ node }) => node));
  };
  return {
    element: list,
    show(state) {
      shown = state.shown;
      const wanted = JSON.stringify(state.methods);
      if (wanted !== laid) lay(state.methods);
      laid = wanted;
      for (const { method, input, label, about } of boxes) {
        input.checked = shown.includes(method.name);
        input.disabled = shown.length === 1 && shown[0] === method.name;
        const { sentence = "" } = method;
        label.title = input.disabled ? `${method.label}: the only method shown` : sentence;
        about.hidden = !input.checked || about.textContent === "";
      }
    },
  };
}

/** A method to tick; what it shows, what it costs and where it is from stands below it while it has a column. */
function box(
  method: Method,
  press: (method: Method, on: boolean) => void,
  signal: AbortSignal,
): Box {
  const id = uniqueId("about-method");
  const input = element("input", {
    type: "checkbox",
    "data-xcnn": `method-${method.name}`,
    "aria-describedby": id,
  });
  input.addEventListener("change", () => press(method, input.checked), { signal });
  const text = element("span", { class: "xcnn-class-name" }, method.label);
  const about = element("p", { id, class: "xcnn-hint xcnn-about", "data-xcnn": "about-method" });
  setText(about, [method.sentence, factsOf(method)].filter(Boolean).join(" "));
  return { method, input, label: element("label", {}, input, text), about };
}
