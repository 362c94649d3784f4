import { countText } from "../controls/number_text";
import type { Column, Row } from "./traits";

/** What holds for rows of the page, and is told once above them. */
export interface PageNotes {
  readonly texts: readonly string[];
  /** The columns whose maps show no place in any row. */
  readonly flat: readonly string[];
}

/** Find what the rows of a page have in common. */
export function pageNotes(rows: readonly (Row | null)[], columns: readonly Column[]): PageNotes {
  const told = rows.filter((row) => row !== null && row.error === "") as Row[];
  const flat = told.length < 2 ? [] : columns.filter(({ name }) => told.every(isFlat(name)));
  const labels = flat.map(({ label }) => label).join(", ");
  return {
    texts: [...besideNotes(told), ...(labels ? [`${labels}: ${nowhere}`] : [])],
    flat: flat.map(({ name }) => name),
  };
}

/** What is said of maps that have one value everywhere. */
export const nowhere = "the same everywhere, which shows no place.";

/** Whether a column's map of a row has one value everywhere. */
export function isFlat(column: string): (row: Row) => boolean {
  return ({ maps }) => {
    const range = maps?.[column]?.range;
    return range !== undefined && range[0] === range[1];
  };
}

/** Why other models' maps are not there, or not held against the first one's; of some rows, of how many. */
function besideNotes(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>();
  for (const { beside = [] } of rows) {
    for (const { model, why = "", why_no_maps = "" } of beside) {
      for (const text of [why, why_no_maps].filter(Boolean)) {
        const note = `${model}: ${text}`;
        counts.set(note, (counts.get(note) ?? 0) + 1);
      }
    }
  }
  return [...counts].map(([note, count]) =>
    count === rows.length
      ? note
      : `${note} (${countText(count)} of ${countText(rows.length)} rows)`,
  );
}
