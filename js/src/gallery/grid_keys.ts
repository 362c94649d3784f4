/** A cell of the grid by its row on the page and its place in that row. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * The cell that a key leads to from another one: arrows by one, Home and End along the row, with
 * Ctrl to the first and last row too; `null` for a key that moves nothing. `widths` tells how many
 * cells each row has.
 */
export function gridStep(
  key: string,
  ctrl: boolean,
  from: Place,
  widths: readonly number[],
): Place | null {
  const last = widths.length - 1;
  const aims: Readonly<Record<string, Place>> = {
    ArrowUp: { ...from, row: from.row - 1 },
    ArrowDown: { ...from, row: from.row + 1 },
    ArrowLeft: { ...from, column: from.column - 1 },
    ArrowRight: { ...from, column: from.column + 1 },
    Home: { row: ctrl ? 0 : from.row, column: 0 },
    End: { row: ctrl ? last : from.row, column: Number.POSITIVE_INFINITY },
  };
  const aim = aims[key];
  return aim ? clampPlace(aim, widths) : null;
}

/** The nearest cell that there is. */
export function clampPlace({ row, column }: Place, widths: readonly number[]): Place {
  const inRow = Math.max(0, Math.min(widths.length - 1, row));
  const most = (widths[inRow] ?? 1) - 1;
  return { row: inRow, column: Math.max(0, Math.min(most, column)) };
}
