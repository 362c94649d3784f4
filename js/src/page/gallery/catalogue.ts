import { unpackedMap } from "../../atlas/packing";
import type { Prediction } from "../../controls/prediction";
import type { Row, RowMap } from "../../gallery/traits";

export type BareRow = Omit<Row, "generation">;

/** A picture with all that is told of it; `row` has no maps yet. */
export interface SavedPicture {
  readonly row: BareRow;
  /** The likeliest classes, each with the title of its row in a comparison. */
  readonly predictions: readonly (Prediction & { readonly title: string })[];
  readonly layer_titles: Readonly<Record<string, string>>;
  readonly label_class: number | null;
  /** Why the label is none of the classes. */
  readonly label_failure: string;
}

export interface SavedMap extends RowMap {
  readonly encoding: "raw" | "deflate";
  readonly image_index: number;
  readonly method: string;
  /** How far it disagrees with the maps of other methods; each pair is told by one of the two. */
  readonly disagreements: Readonly<Record<string, number>>;
}

/** Pictures and maps computed ahead, as Python saves them. */
export interface SavedGallery {
  readonly version: number;
  readonly images: readonly SavedPicture[];
  readonly maps: readonly SavedMap[];
}

/** What a row looks at. */
export interface View {
  readonly image: number;
  readonly methods: readonly string[];
  readonly layer: string | null;
  readonly target: number;
}

export interface Catalogue {
  readonly pictures: readonly SavedPicture[];
  /** The maps of a row, by method; `null` if one of them is not there. */
  mapsOf(view: View): SavedMap[] | null;
  /** How far the first two methods disagree, `null` where it is not known. */
  disagreement(view: View): number | null;
}

/** Find maps by what they are of; a method that uses no layer has one map for all layers. */
export function catalogue(saved: SavedGallery): Catalogue {
  const known = new Map(
    saved.maps.map((map) => [keyOf(map.image_index, map.method, map.layer, map.target.index), map]),
  );
  const find = ({ image, layer, target }: View, method: string) =>
    known.get(keyOf(image, method, null, target)) ?? known.get(keyOf(image, method, layer, target));
  return {
    pictures: saved.images,
    mapsOf(view) {
      const maps = view.methods.map((method) => find(view, method));
      return maps.every((map) => map !== undefined) ? maps : null;
    },
    disagreement(view) {
      const [one, other] = view.methods;
      if (one === undefined || other === undefined) return null;
      const tells = (a: string, b: string) => find(view, a)?.disagreements[b];
      return tells(one, other) ?? tells(other, one) ?? null;
    },
  };
}

const unpacked = new WeakMap<SavedMap, Promise<RowMap>>();

/** A map as a row carries it, unpacked once and the same object from then on. */
export function rowMap(saved: SavedMap): Promise<RowMap> {
  const known = unpacked.get(saved);
  if (known) return known;
  const { data, encoding, shape, range, target, layer, colour, signed } = saved;
  const made = unpackedMap({
    data,
    encoding,
    shape,
    range,
    target,
    layer,
    ...(colour && { colour }),
    ...(signed && { signed }),
  });
  unpacked.set(saved, made);
  return made;
}

function keyOf(image: number, method: string, layer: string | null, target: number): string {
  return JSON.stringify([image, method, layer, target]);
}
