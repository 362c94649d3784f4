import { otherVersion } from "../../atlas/words";
import { type Choices, rowTraits, type Traits } from "../../gallery/traits";
import { catalogue, type SavedGallery } from "./catalogue";
import { type Filled, fill } from "./fill";
import { isKnown, knownVersion } from "./opening";
import { type Request, requestOf, settle } from "./settle";

/** What a kernel would send back; where there is none, what is saved answers in its place. */
export type Answer = Partial<Traits>;

/**
 * From what is saved to the function that answers the choices made so far; null when they ask for
 * what was asked before, or when a later choice came. What the choices make of others is told to
 * `set` at once: the next choice has to find it. Pages are numbered from the one that came before.
 */
export function answering(
  saved: SavedGallery,
  set: (changes: Partial<Choices>) => void,
  before = 0,
): (traits: Traits) => Promise<Answer | null> {
  const known = catalogue(saved);
  let asked: Request | null = null;
  let shown: Request | null = null;
  let latest = before;
  return async (traits) => {
    if (!isKnown(saved.version)) {
      return { error: otherVersion(saved.version, knownVersion) };
    }
    const settled = asked ? settle(asked, traits, traits._methods) : {};
    set(settled);
    const request = requestOf({ ...traits, ...settled });
    if (asked && JSON.stringify(request) === JSON.stringify(asked)) return null;
    asked = request;
    latest += 1;
    const turn = latest;
    try {
      const others = (traits._models ?? []).slice(1);
      const filled = await fill(known, request, traits._layers, others, shown === null);
      if (turn !== latest) return null;
      if (typeof filled === "string") return refused(request, filled);
      const { page } = filled.page;
      asked = shown = request.rows === "pictures" ? { ...request, page } : request;
      const summary = counted(traits._summary, filled.distributions);
      return { page: shown.page, error: "", ...sent(filled, turn), ...summary };
    } catch (cause) {
      if (turn !== latest) return null;
      return refused(request, `These maps cannot be unpacked here: ${String(cause)}`);
    }
  };

  function refused(request: Request, error: string): Answer {
    if (!shown || shown.rows === request.rows) return { error };
    // rows of another kind cannot stay beside the choice of this one
    const back = { rows: shown.rows, image_index: shown.image_index };
    asked = { ...request, ...back };
    return { ...back, error };
  }
}

/** How well each model does, with the distributions of the pictures that are on the page. */
function counted(summary: Traits["_summary"], found: Filled["distributions"] = []): Answer {
  const [first, ...others] = found;
  if (!summary || !first) return {};
  const beside = (summary.beside ?? []).map((one, i) => {
    const distributions = others[i];
    return distributions ? { ...one, distributions } : one;
  });
  return {
    _summary: { ...summary, distributions: first, ...(beside.length > 0 ? { beside } : {}) },
  };
}

/** The page and its rows as traits; places that are not used are emptied. */
function sent({ page, rows, status, numbers = {} }: Filled, generation: number): Answer {
  const placed = rowTraits.map((trait, place) => {
    const row = rows[place];
    return [trait, row ? { ...row, generation } : null];
  });
  return {
    ...Object.fromEntries(placed),
    _page: { ...page, generation },
    _numbers: numbers,
    status,
  };
}
