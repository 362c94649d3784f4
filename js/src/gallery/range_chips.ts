import { element, setText } from "../controls/element";
import { choose, follow } from "../controls/model";
import { titled } from "./picture_filter";
import { disagreementWords, spanText, valueWords } from "./range_words";
import type { RangeChoices } from "./ranges";
import type { Model } from "./traits";

/** The filters that figures set, as far as they are in force, each with the way back from it. */
export function rangeChips(model: Model, signal: AbortSignal): HTMLElement {
  const chips = Object.entries(texts).map(([name, textOf]) => {
    const filter = name as keyof RangeChoices;
    const text = element("span", { class: "xcnn-class-name" });
    const clear = element(
      "button",
      { type: "button", "data-xcnn": `${hookOf(filter)}-clear` },
      "×",
    );
    clear.addEventListener("click", () => choose(model, { [filter]: null }), { signal });
    const row = titled("Only", element("span", { class: "xcnn-chip" }, text, clear));
    return { row, text, clear, textOf };
  });
  const box = element("div", { class: "xcnn-group" }, ...chips.map(({ row }) => row));
  follow(
    model,
    ["show_value", "show_disagreement", "show_group", "_reading", "_groups"],
    () => {
      for (const { row, text, clear, textOf } of chips) {
        const told = textOf(model);
        row.hidden = told === null;
        setText(text, told ?? "");
        text.title = told ?? "";
        clear.setAttribute("aria-label", `Only ${told}: show others again`);
      }
      box.hidden = chips.every(({ row }) => row.hidden);
    },
    signal,
  );
  return box;
}

/** What each of them shows, in words; null where it is not in force. */
const texts: Readonly<Record<keyof RangeChoices, (model: Model) => string | null>> = {
  show_value: (model) => {
    const [span, words] = [model.get("show_value") ?? null, valueWords(model)];
    return span && `${words.what} ${spanText(words, span)}`;
  },
  show_disagreement: (model) => {
    const span = model.get("show_disagreement") ?? null;
    return span && `disagreement ${spanText(disagreementWords, span)}`;
  },
  show_group: (model) => {
    const place = model.get("show_group") ?? null;
    if (place === null) return null;
    return model.get("_groups")?.groups?.[place]?.name ?? `group ${place}`;
  },
};

function hookOf(filter: string): string {
  return filter.replaceAll("_", "-");
}
