import type { Control } from "./control";
import { element, setText, uniqueId } from "./element";
import { type Prediction, type Said, saidText, shares } from "./prediction";

interface Shown {
  readonly predictions: readonly Prediction[];
  /** The class explained; `null` follows the predicted class of each picture. */
  readonly target: number | null;
  /** The class explained when it is none of the predictions; what is said of it may be unknown. */
  readonly other: (Said & { readonly name: string }) | null;
  /** What of each picture can be followed, as the class that holds alone; null where there is no such thing. */
  readonly followed: string | null;
}

/** The likeliest classes as radio buttons drawn as bars of what is said of them. */
export function classRadios(
  choose: (target: number | null) => void,
  signal: AbortSignal,
): Control<Shown> {
  const group = uniqueId("class");
  const list = element("div", {
    class: "xcnn-classes",
    role: "radiogroup",
    "aria-label": "Class to explain",
  });
  const rows: Row[] = [];
  const rowAt = (position: number): Row => {
    const row = rows[position] ?? classRow(group);
    if (!rows[position]) {
      row.input.addEventListener("change", () => choose(row.target), { signal });
      rows.push(row);
      list.append(row.label);
    }
    return row;
  };
  return {
    element: list,
    show({ predictions, target, other, followed }) {
      const entries: Entry[] = predictions.map((found) => ({ ...found, target: found.index }));
      if (followed !== null || target === null) {
        const name = followed ?? "Highest value";
        entries.unshift({ target: null, name, remark: "of each picture" });
      }
      if (target !== null && !entries.some((entry) => entry.target === target)) {
        entries.push({ ...other, target, name: other?.name ?? `class ${target}` });
      }
      const filled = shares(entries);
      for (const [position, entry] of entries.entries()) {
        fill(rowAt(position), entry, filled[position] ?? 0, target);
      }
      for (const row of rows.splice(entries.length)) row.label.remove();
    },
  };
}

interface Entry extends Said {
  readonly target: number | null;
  readonly name: string;
  readonly remark?: string;
}

interface Row {
  target: number | null;
  readonly label: HTMLLabelElement;
  readonly input: HTMLInputElement;
  readonly name: HTMLElement;
  readonly bar: HTMLElement;
  readonly percent: HTMLElement;
}

function classRow(group: string): Row {
  const input = element("input", { type: "radio", name: group });
  const name = element("span", { class: "xcnn-class-name" });
  const bar = element("span", { class: "xcnn-bar", "aria-hidden": "true" });
  const percent = element("span", { class: "xcnn-percent" });
  const label = element("label", { "data-xcnn": "class-option" }, input, bar, name, percent);
  return { target: null, label, input, name, bar, percent };
}

function fill(row: Row, entry: Entry, share: number, target: number | null): void {
  row.target = entry.target;
  row.input.value = entry.target === null ? "" : String(entry.target);
  row.input.checked = entry.target === target;
  row.label.title = entry.target === null ? "" : `${entry.name} (class ${entry.target})`;
  row.bar.style.setProperty("--share", String(share));
  setText(row.name, entry.name);
  setText(row.percent, entry.remark ?? saidText(entry));
  row.percent.classList.toggle("xcnn-remark", entry.remark !== undefined);
}
