import { classSearch } from "../controls/class_search";
import { element, setText, uniqueId } from "../controls/element";
import { group } from "../controls/group";
import { choose, follow } from "../controls/model";
import { followedIn, readingOf } from "../controls/reading_choice";
import type { Model, Moved } from "./traits";

interface Entry extends Omit<Moved, "index"> {
  readonly target: number | null;
}

interface Row {
  target: number | null;
  readonly label: HTMLElement;
  readonly input: HTMLInputElement;
  readonly name: HTMLElement;
  readonly was: HTMLElement;
  readonly now: HTMLElement;
  readonly text: HTMLElement;
  readonly moved: HTMLElement;
}

/** The classes with what was said of them before and what is said now; one is watched, and may be chosen. */
export function classGroup(model: Model, isLive: boolean, signal: AbortSignal): HTMLElement {
  const name = uniqueId("watched");
  const caption = element("p", { class: "xcnn-hint" });
  const list = element("div", { class: "xcnn-classes xcnn-moves" });
  const pick = (target: number | null) => choose(model, { target });
  if (isLive) {
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-label", "Class to watch");
  }
  const rows: Row[] = [];
  const rowAt = (position: number): Row => {
    const known = rows[position];
    if (known) return known;
    const row = classRow(name, isLive);
    row.input.addEventListener("change", () => pick(row.target), { signal });
    rows.push(row);
    list.append(row.label);
    return row;
  };
  const search = classSearch(pick, signal);
  follow(
    model,
    ["answer", "target", "_reading", "_class_names"],
    () => {
      const answer = model.get("answer");
      const target = model.get("target");
      const reading = readingOf(model.get("_reading"));
      const entries: Entry[] = (answer?.rows ?? []).map((row) => ({ ...row, target: row.index }));
      const followed = followedIn(reading);
      if (isLive && (followed !== null || target === null)) {
        const words = { text: "of each picture", moved: "" };
        entries.unshift({
          target: null,
          name: followed ?? "Highest value",
          before: 0,
          after: 0,
          ...words,
        });
      }
      for (const [position, entry] of entries.entries()) {
        fill(rowAt(position), entry, target, answer?.target ?? null);
      }
      for (const row of rows.splice(entries.length)) row.label.remove();
      setText(
        caption,
        `Line: before. Filled: now. Right: the change${answer?.in_points ? " in points" : ""}.`,
      );
      const names = model.get("_class_names");
      search.show(names);
      search.element.hidden = !isLive || reading.finds_boxes || names.length === 1;
    },
    signal,
  );
  return group("Class", list, caption, search.element);
}

function classRow(group: string, isLive: boolean): Row {
  const input = element("input", { type: "radio", name: group });
  const name = element("span", { class: "xcnn-class-name" });
  const [was, now] = ["xcnn-was", "xcnn-bar"].map((kind) =>
    element("span", { class: kind, "aria-hidden": "true" }),
  ) as [HTMLElement, HTMLElement];
  const text = element("span", { class: "xcnn-percent" });
  const moved = element("span", { class: "xcnn-percent xcnn-moved" });
  const parts = [now, was, name, text, moved];
  const hook = { "data-xcnn": "class-option" };
  const label = isLive ? element("label", hook, input, ...parts) : element("div", hook, ...parts);
  return { target: null, label, input, name, was, now, text, moved };
}

function fill(row: Row, entry: Entry, target: number | null, watched: number | null): void {
  row.target = entry.target;
  row.input.checked = entry.target === target;
  row.label.classList.toggle("xcnn-watched", entry.target !== null && entry.target === watched);
  row.was.style.setProperty("--share", String(entry.before));
  row.now.style.setProperty("--share", String(entry.after));
  setText(row.name, entry.name);
  setText(row.text, entry.text);
  row.text.classList.toggle("xcnn-remark", entry.target === null);
  setText(row.moved, entry.moved);
}
