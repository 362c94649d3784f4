import { type ClassMatch, findClasses } from "./class_matches";
import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";
import { countText } from "./number_text";
import { type Said, saidText } from "./prediction";

interface Named {
  readonly hook: string;
  readonly label: string;
  /** What stands in the empty box instead of the number of classes. */
  readonly placeholder?: string;
}

/** Which classes can be answered, the likeliest first, and what is said of each, if it is known. */
interface Offered {
  readonly classes: readonly number[];
  said?(index: number): Said;
}

export interface ClassSearch extends Control<readonly string[]> {
  /** Offer only some classes, with what is said of them; null offers all. */
  offer(offered: Offered | null): void;
  /** Name some classes before others that fit what is typed equally well. */
  prefer(likeliest: readonly number[]): void;
}

/**
 * A search box over all class names, by any part of a name or by index (the ARIA combobox with a
 * list). Without names, an index can still be entered.
 */
export function classSearch(
  choose: (target: number) => void,
  signal: AbortSignal,
  { hook, label, placeholder }: Named = { hook: "class-search", label: "Search all classes" },
): ClassSearch {
  const [id, listId, countId] = [uniqueId("search"), uniqueId("found"), uniqueId("count")];
  const input = element("input", {
    id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "data-xcnn": hook,
    "aria-label": label,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-describedby": countId,
  });
  const list = element("ul", { id: listId, role: "listbox", "aria-label": "Classes found" });
  const count = element("p", { id: countId, class: "xcnn-hint", role: "status" });
  const popup = element("div", { class: "xcnn-popup", hidden: true }, list, count);
  let names: readonly string[] = [];
  let offered: Offered | null = null;
  let lowered: readonly string[] = [];
  let likeliest: readonly number[] = [];
  let found: readonly ClassMatch[] = [];
  let active = -1;

  const invite = () => {
    const count = offered?.classes.length ?? names.length;
    const found = `Search ${countText(count)} ${count === 1 ? "class" : "classes"}`;
    input.placeholder = placeholder ?? (names.length > 0 ? found : "Class index");
  };
  const close = () => {
    popup.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren();
    setText(count, "");
    found = [];
    active = -1;
  };
  const point = (position: number) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = position;
    const option = list.children[position];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    keepInSight(list, option as HTMLElement);
  };
  const open = () => {
    const query = input.value.trim();
    const only = offered?.classes;
    const { matches, total } = findClasses(query, {
      names,
      lowered,
      likeliest: only ?? likeliest,
      only,
    });
    found = matches;
    active = -1;
    list.replaceChildren(
      ...matches.map((match, i) =>
        matchOption(match, `${listId}-${i}`, offered?.said?.(match.index)),
      ),
    );
    list.hidden = matches.length === 0;
    setText(count, countLine(query, matches.length, total, names.length));
    popup.hidden = false;
    input.setAttribute("aria-expanded", String(matches.length > 0));
    point(query && matches.length > 0 ? 0 : -1);
  };
  const take = (position: number) => {
    const match = found[position];
    if (!match) return;
    input.value = "";
    close();
    choose(match.index);
  };
  const step = (by: number) => {
    if (popup.hidden) open();
    if (found.length === 0) return;
    const from = active < 0 && by < 0 ? 0 : active;
    point((from + by + found.length) % found.length);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => take(active),
    Escape: () => {
      if (popup.hidden) input.value = "";
      close();
    },
  };

  input.addEventListener("input", open, { signal });
  input.addEventListener("click", open, { signal });
  input.addEventListener("blur", close, { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      const act = keys[event.key];
      const closed = popup.hidden && input.value === "";
      if (!act || event.isComposing || (event.key === "Escape" && closed)) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    { signal },
  );
  // the box keeps the focus while an option is clicked, or blur would close the list first
  popup.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
  list.addEventListener(
    "click",
    (event) => {
      const option = (event.target as Element).closest("[role=option]");
      if (option) take([...list.children].indexOf(option));
    },
    { signal },
  );

  return {
    element: element("div", { class: "xcnn-search" }, input, popup),
    prefer(classes) {
      likeliest = classes;
    },
    show(shown) {
      if (shown === names) return;
      names = shown;
      lowered = shown.map((name) => name.toLowerCase());
      invite();
      close();
    },
    offer(shown) {
      if (shown === offered) return;
      offered = shown;
      invite();
      close();
    },
  };
}

function countLine(query: string, shown: number, total: number, all: number): string {
  if (all === 0 && shown === 0) return "This model has no class names: enter a class index.";
  if (shown === 0) return `No class matches “${query}”.`;
  if (shown < total) return `The first ${shown} of ${countText(total)}; type more to narrow.`;
  return total === 1 ? "1 class" : `${total} classes`;
}

function matchOption({ index, name }: ClassMatch, id: string, said?: Said): HTMLElement {
  return element(
    "li",
    { id, role: "option", "aria-selected": "false", "data-xcnn": "class-match" },
    element("span", { class: "xcnn-class-name", title: `${name} (class ${index})` }, name),
    element("span", { class: "xcnn-index" }, said ? saidText(said) : String(index)),
  );
}

function keepInSight(list: HTMLElement, option: HTMLElement): void {
  const above = option.offsetTop - list.scrollTop;
  const below = above + option.offsetHeight - list.clientHeight;
  if (above < 0) list.scrollTop += above;
  else if (below > 0) list.scrollTop += below;
}
