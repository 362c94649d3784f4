import { type AboutMethod, factsOf, groupsOf } from "./about_method";
import { choiceSelect } from "./choice_select";
import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";

interface Shown {
  readonly methods: readonly AboutMethod[];
  readonly method: string;
}

/** A method from a dropdown by family, with what it shows, what it costs and where it is from. */
export function methodChoice(
  choose: (method: string) => void,
  signal: AbortSignal,
): Control<Shown> {
  const aboutId = uniqueId("about-method");
  const select = choiceSelect({ label: "Method", hook: "method", choose, signal, aboutId });
  const sentence = element("p", { "data-xcnn": "method-sentence" });
  const facts = element("p", { class: "xcnn-hint", "data-xcnn": "method-facts" });
  const about = element("div", { id: aboutId, class: "xcnn-about" }, sentence, facts);
  return {
    element: element("div", { class: "xcnn-method" }, select.element, about),
    show({ methods, method }) {
      select.show({
        choices: groupsOf(methods).flatMap(({ title, methods }) =>
          methods.map(({ name, label, sentence }) => ({
            value: name,
            label,
            ...(title && { group: title }),
            ...(sentence && { title: sentence }),
          })),
        ),
        value: method,
      });
      const chosen = methods.find(({ name }) => name === method);
      setText(sentence, chosen?.sentence ?? "");
      setText(facts, chosen ? factsOf(chosen) : "");
      about.hidden = !sentence.textContent && !facts.textContent;
    },
  };
}
