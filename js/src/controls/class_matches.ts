const mostShown = 50;

export interface ClassMatch {
  readonly index: number;
  readonly name: string;
}

/** What is searched: names, the same in small letters, and the classes that come before their equals. */
export interface Searched {
  readonly names: readonly string[];
  readonly lowered: readonly string[];
  readonly likeliest: readonly number[];
  /** The classes that can be found, where not all can. */
  readonly only?: readonly number[] | undefined;
}

/**
 * The classes whose name holds all words of the query, and how many there are beyond the fifty returned: the one whose index it
 * is, then whole words, beginnings of words and other parts; of equals the likeliest, as Python's `ClassNames.matches`.
 * Where a model has no class names, any index is a match.
 */
export function findClasses(
  query: string,
  { names, lowered, likeliest, only }: Searched,
): { matches: ClassMatch[]; total: number } {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const index = /^\d{1,9}$/.test(query) ? Number(query) : -1;
  if (names.length === 0 && index >= 0) {
    return { matches: [{ index, name: `class ${index}` }], total: 1 };
  }
  const fits = wanted.map(fitting);
  const place = new Map([...likeliest.entries()].reverse().map(([at, i]) => [i, at]));
  const found: { readonly index: number; readonly fit: number; readonly place: number }[] = [];
  for (const i of only ?? lowered.keys()) {
    const name = lowered[i] ?? "";
    const all = wanted.every((word) => name.includes(word));
    if (i === index) found.push({ index: i, fit: -1, place: 0 });
    else if (all) {
      const fit = Math.max(0, ...fits.map((one) => one(name)));
      found.push({ index: i, fit, place: place.get(i) ?? likeliest.length });
    }
  }
  found.sort((a, b) => a.fit - b.fit || a.place - b.place || a.index - b.index);
  const matches = found.slice(0, mostShown).map((one) => ({
    index: one.index,
    name: names[one.index] ?? "",
  }));
  return { matches, total: found.length };
}

/** How a word fits a name that holds it: 0 as a word of it, 1 as the beginning of one, 2 as another part. */
function fitting(word: string): (name: string) => number {
  const part = word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const begins = new RegExp(`(?<![\\p{L}\\p{N}_])${part}`, "u");
  const whole = new RegExp(`${begins.source}(?![\\p{L}\\p{N}_])`, "u");
  return (name) => (whole.test(name) ? 0 : begins.test(name) ? 1 : 2);
}
