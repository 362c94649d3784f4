const mostShown = 50;

export interface ClassMatch {
  readonly index: number;
  readonly name: string;
}

/**
 * The classes whose name holds the query or whose index it is, the index first, and how many there
 * are beyond the fifty returned. Where a model has no class names, any index is a match. `order` tells
 * which classes there are to find, and in which order.
 */
export function findClasses(
  query: string,
  names: readonly string[],
  lowered: readonly string[],
  order: Iterable<number> = lowered.keys(),
): { matches: ClassMatch[]; total: number } {
  const wanted = query.toLowerCase();
  const matches: ClassMatch[] = [];
  let total = 0;
  const add = (index: number, name: string) => {
    total += 1;
    if (matches.length < mostShown) matches.push({ index, name });
  };
  const index = /^\d{1,9}$/.test(query) ? Number(query) : -1;
  if (names.length === 0 && index >= 0) add(index, `class ${index}`);
  const indices = [...order];
  const byIndex = indices.includes(index) ? names[index] : undefined;
  if (byIndex !== undefined) add(index, byIndex);
  for (const i of indices) {
    if (i !== index && lowered[i]?.includes(wanted)) add(i, names[i] ?? "");
  }
  return { matches, total };
}
