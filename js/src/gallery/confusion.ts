import { element, uniqueId } from "../controls/element";
import { countText, percentText } from "../controls/number_text";
import type { Confused } from "./traits";

/** More classes would be a wall of small numbers. */
export const mostClasses = 12;

/** The classes to show, in their order: all that occur, or those that are confused most often. */
export function confusedClasses(cells: readonly Confused[]): {
  readonly classes: readonly number[];
  readonly of: number;
} {
  const wrong = new Map<number, number>();
  for (const [label, predicted, count] of cells) {
    const more = label === predicted ? 0 : count;
    wrong.set(label, (wrong.get(label) ?? 0) + more);
    wrong.set(predicted, (wrong.get(predicted) ?? 0) + more);
  }
  const most = [...wrong].sort(([a, m], [b, n]) => n - m || a - b).slice(0, mostClasses);
  return { classes: most.map(([index]) => index).sort((a, b) => a - b), of: wrong.size };
}

/** Which share of the pictures of each label is predicted as such; nothing of a class that is no label. */
export function classAccuracy(cells: readonly Confused[]): ReadonlyMap<number, number> {
  const [right, all] = [new Map<number, number>(), new Map<number, number>()];
  for (const [label, predicted, count] of cells) {
    all.set(label, (all.get(label) ?? 0) + count);
    if (label === predicted) right.set(label, count);
  }
  return new Map([...all].map(([label, count]) => [label, (right.get(label) ?? 0) / count]));
}

function shareText(share: number | undefined): string {
  return share === undefined ? "" : percentText(share);
}

interface Shown {
  readonly cells: readonly Confused[];
  readonly nameOf: (index: number) => string;
  readonly label: number | null;
  readonly predicted: number | null;
}

/** Which classes are taken for which: a row for each true label, a column for each prediction. */
export function confusion(
  choose: (label: number | null, predicted: number | null) => void,
  signal: AbortSignal,
): { readonly element: HTMLElement; show(shown: Shown): void } {
  const id = uniqueId("confusion");
  const key =
    "Rows: true label. Columns: prediction. Accuracy: the share of the row that is right.";
  const meaning = element("p", { id, class: "xcnn-hint" }, key);
  const table = element("table", {
    class: "xcnn-confusion",
    "aria-describedby": id,
    "aria-label": "Confusion matrix",
    "data-xcnn": "confusion",
  });
  const few = element("p", { class: "xcnn-hint" });
  let at: readonly [number, number] = [0, 0];
  let drawn = "";
  let cells: (HTMLButtonElement | null)[][] = [];

  const go = (row: number, column: number, focus: boolean) => {
    at = [row, column];
    for (const one of cells.flat()) if (one) one.tabIndex = -1;
    const cell = cells[row]?.[column];
    if (!cell) return;
    cell.tabIndex = 0;
    if (focus) cell.focus();
  };
  /** The next cell that can be pressed, from one on in a direction. */
  const step = (down: number, right: number) => {
    let [row, column] = [at[0] + down, at[1] + right];
    while (cells[row]?.[column] === null) [row, column] = [row + down, column + right];
    if (cells[row]?.[column]) go(row, column, true);
  };
  table.addEventListener(
    "keydown",
    (event) => {
      const steps: Readonly<Record<string, readonly [number, number]>> = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
      };
      const by = steps[event.key];
      if (!by) return;
      step(...by);
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );

  const lay = ({ cells: counted, nameOf }: Shown) => {
    const { classes, of } = confusedClasses(counted);
    const most = Math.max(...counted.map(([, , count]) => count), 1);
    const counts = new Map(counted.map(([label, predicted, n]) => [`${label} ${predicted}`, n]));
    const shares = classAccuracy(counted);
    const columns = [...classes.map(nameOf), "Accuracy"];
    table.style.setProperty("--longest", String(Math.max(...columns.map((name) => name.length))));
    const heads = columns.map((name) =>
      element("th", { scope: "col", title: name }, element("span", {}, name)),
    );
    cells = classes.map((label, row) =>
      classes.map((predicted, column) => {
        const count = counts.get(`${label} ${predicted}`) ?? 0;
        if (count === 0) return null;
        const right = label === predicted;
        const what = `${countText(count)} ${nameOf(label)} predicted as ${nameOf(predicted)}`;
        const cell = element(
          "button",
          {
            type: "button",
            tabindex: -1,
            "aria-label": `${what}, ${right ? "right" : "wrong"}`,
            title: what,
            "data-xcnn": "confused",
            "data-right": String(right),
            "data-pair": `${label} ${predicted}`,
          },
          countText(count),
        );
        cell.style.setProperty("--share", String(count / most));
        cell.addEventListener("focus", () => go(row, column, false), { signal });
        cell.addEventListener(
          "click",
          () => {
            const pressed = cell.getAttribute("aria-pressed") === "true";
            choose(pressed ? null : label, pressed ? null : predicted);
          },
          { signal },
        );
        return cell;
      }),
    );
    table.replaceChildren(
      element("thead", {}, element("tr", {}, element("td"), ...heads)),
      element(
        "tbody",
        {},
        ...classes.map((label, row) =>
          element(
            "tr",
            {},
            element("th", { scope: "row", title: nameOf(label) }, nameOf(label)),
            ...(cells[row] ?? []).map((cell) =>
              element("td", {}, cell ?? element("span", { class: "xcnn-none" }, "·")),
            ),
            element("td", { "data-xcnn": "class-accuracy" }, shareText(shares.get(label))),
          ),
        ),
      ),
    );
    few.textContent =
      of > classes.length
        ? `The ${classes.length} of ${countText(of)} classes that are confused most often.`
        : "";
    const first = cells.findIndex((row) => row.some(Boolean));
    go(first, cells[first]?.findIndex(Boolean) ?? 0, false);
  };

  return {
    element: element("div", { class: "xcnn-confusion-box" }, meaning, table, few),
    show(shown) {
      const wanted = JSON.stringify([shown.cells, shown.cells.map(([a]) => shown.nameOf(a))]);
      if (wanted !== drawn) lay(shown);
      drawn = wanted;
      const pressed = `${shown.label} ${shown.predicted}`;
      for (const cell of cells.flat()) {
        cell?.setAttribute("aria-pressed", String(cell.dataset.pair === pressed));
      }
    },
  };
}
