import type { Row } from "./traits";

export type Move = "fixed" | "broken";

/** Whether the last of several models is right where the first was wrong, or the reverse. */
export function movedOf({ right, beside }: Pick<Row, "right" | "beside">): Move | null {
  const after = beside?.at(-1)?.right ?? null;
  if (right === false && after === true) return "fixed";
  return right === true && after === false ? "broken" : null;
}
