import { type Host, isAnswered } from "../atlas/kernel";
import { element } from "../controls/element";
import { choose } from "../controls/model";
import type { Asked, Model } from "./traits";

const noKernel = "This needs a running kernel: run the cell again.";

/** A button that asks for something about all pictures, by a counter; where no kernel hears it, that is said. */
export function askingAll(
  model: Model,
  counter: "_summary_wanted" | "_trust_wanted",
  hook: string,
  signal: AbortSignal,
): { readonly button: HTMLButtonElement; readonly unheard: HTMLElement } {
  const button = element("button", { type: "button", "data-xcnn": hook });
  const unheard = element("p", { class: "xcnn-hint", role: "status", hidden: true });
  button.addEventListener(
    "click",
    () => choose(model, { [counter]: (model.get(counter) ?? 0) + 1 } as Partial<Asked>),
    { signal },
  );
  const notice = (host?: Host) => {
    unheard.hidden = isAnswered(host);
    unheard.textContent = unheard.hidden ? "" : noKernel;
  };
  model.on(`change:${counter}`, notice);
  signal.addEventListener("abort", () => model.off(`change:${counter}`, notice), { once: true });
  return { button, unheard };
}
