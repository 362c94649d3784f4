import { noRanges } from "../../gallery/ranges";
import { type Row, rowTraits, type Traits } from "../../gallery/traits";
import type { SavedGallery, SavedMap, SavedPicture } from "./catalogue";

export type SavedState = Traits & { readonly _atlas?: SavedGallery | null };

/** A gallery as its page opens it. */
export interface Opening {
  readonly traits: Traits;
  readonly saved: SavedGallery;
  /** A picture's place on the page; `null` where it is not saved. */
  placeOf(index: number): number | null;
}

// With attributions; without them it is 1.
export const knownVersion = 2;

export function isKnown(version: number): boolean {
  return version === 1 || version === knownVersion;
}

/**
 * A page has no other pictures than those that are saved, and counts them anew; the rows that were
 * shown, as far as they are in the state, are among them.
 */
export function opening({ _atlas, ...state }: SavedState): Opening {
  const none: SavedGallery = { version: knownVersion, images: [], maps: [] };
  const rows = rowTraits.flatMap((trait) => state[trait] ?? []);
  const bare = { ...laterTraits, ...state, ...withoutRows, progress: null, error: "" } as Traits;
  const atlas = _atlas ?? none;
  if (!isKnown(atlas.version)) return { traits: bare, saved: atlas, placeOf: (index) => index };
  const { images, maps } = withShown(atlas, rows, state as Traits);
  const places = new Map(images.map(({ row }, place) => [row.index, place]));
  const placeOf = (index: number | null | undefined) => places.get(index ?? -1) ?? null;
  const pictures = state.rows === "pictures";
  const first = state.page * state.page_size;
  const before = images.filter(({ row }) => row.index < first).length;
  const { order, show, show_class, show_label = null, show_text } = state;
  const { show_value = null, show_disagreement = null, show_group = null } = state;
  const others = [show_class, show_label, show_value, show_disagreement, show_group];
  const filtered = show !== "all" || show_text !== "" || others.some((filter) => filter !== null);
  const everything = order === "given" && !filtered;
  const are = images.length === 1 ? "is" : "are";
  const few = `${images.length} of ${state._images.total} pictures ${are} saved on this page.`;
  const all = images.length === state._images.total;
  return {
    traits: {
      ...bare,
      image_index: placeOf(state.image_index) ?? 0,
      selected: pictures ? placeOf(state.selected) : state.selected,
      page: everything ? Math.floor(before / state.page_size) : state.page,
      _images: { total: images.length },
      _defaults: {
        ...noRanges,
        ...state._defaults,
        image_index: placeOf(state._defaults.image_index) ?? 0,
      },
      note: [state.note, all ? "" : few].filter(Boolean).join(" "),
    },
    saved: {
      ...atlas,
      images: images.map((picture, index) => ({ ...picture, row: { ...picture.row, index } })),
      maps: maps.flatMap((map) => {
        const image_index = placeOf(map.image_index);
        return image_index === null ? [] : { ...map, image_index };
      }),
    },
    placeOf,
  };
}

/** What galleries of this version did not always have, as if they had it. */
const laterTraits = { show_label: null, model: null, ...noRanges };

const withoutRows = {
  ...Object.fromEntries(rowTraits.map((trait) => [trait, null])),
  _page: null,
};

/** What is saved, and what was seen: of pictures that are on the page anyway, or all if there are no others. */
function withShown({ images, maps, version }: SavedGallery, rows: readonly Row[], state: Traits) {
  const known = new Set(images.map(({ row }) => row.index));
  const everything = known.size === 0 || state.rows !== "pictures";
  const seen = rows.filter(({ index, error }) => error === "" && (everything || known.has(index)));
  const added = new Map<number, SavedPicture>();
  for (const row of seen) {
    if (!known.has(row.index) && !added.has(row.index)) {
      added.set(row.index, pictureOf(row, seen, state));
    }
  }
  const sorted = [...images, ...added.values()].sort((a, b) => a.row.index - b.row.index);
  return { version, images: sorted, maps: [...seen.flatMap((row) => mapsOf(row, state)), ...maps] };
}

/** A picture by its rows; what they do not tell of it is not saved. */
function pictureOf(row: Row, seen: readonly Row[], state: Traits): SavedPicture {
  const own = seen.filter(({ index }) => index === row.index);
  const titles = own.flatMap((one) => {
    const map = Object.values(one.maps ?? {}).find(({ layer }) => layer !== null);
    return map?.layer ? [[map.layer, one.title]] : [];
  });
  const classes = own.flatMap((one) => {
    const target = Object.values(one.maps ?? {})[0]?.target;
    return target ? [{ ...target, title: one.title }] : [];
  });
  return {
    row: {
      ...row,
      picture: own.find(({ picture }) => picture)?.picture ?? null,
      title: "",
      maps: {},
      disagreement: null,
    },
    predictions: state.rows === "classes" ? classes : [],
    layer_titles: state.rows === "layers" ? Object.fromEntries(titles) : {},
    label_class: null,
    label_failure: "",
  };
}

function apartOf(
  { disagreement, map_change = null }: Row,
  column: string,
  first: string,
  { tells, other }: { readonly tells: string; readonly other: string },
): Record<string, number> {
  const [method, model] = column.split("@");
  if (model !== undefined) {
    return map_change !== null && method === first ? { [first]: map_change } : {};
  }
  return disagreement !== null && column === tells ? { [other]: disagreement } : {};
}

function mapsOf(row: Row, { methods, _methods }: Traits): SavedMap[] {
  const [first = "", second = ""] = methods;
  const plain = _methods.some(({ name, uses_layer }) => name === first && !uses_layer);
  const [tells, other] = plain ? [second, first] : [first, second];
  return Object.entries(row.maps ?? {}).map(([method, map]) => ({
    ...map,
    encoding: "raw",
    image_index: row.index,
    method,
    disagreements: apartOf(row, method, first, { tells, other }),
  }));
}
