import { pixelsOf, type SavedMap as Saved, type SavedAttribution } from "../../atlas/made_maps";
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

export interface SavedMap extends RowMap, Pick<Saved, "encoding" | "attribution" | "cam"> {
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
  /** What maps without pixels are made from. */
  readonly attributions?: readonly SavedAttribution[] | undefined;
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
  /** A map as a row carries it, unpacked or made once and the same object from then on. */
  rowMap(saved: SavedMap): Promise<RowMap>;
}

/** Find maps by what they are of; a method that uses no layer has one map for all layers. */
export function catalogue(saved: SavedGallery): Catalogue {
  const known = new Map(
    saved.maps.map((map) => [keyOf(map.image_index, map.method, map.layer, map.target.index), map]),
  );
  const find = ({ image, layer, target }: View, method: string) =>
    known.get(keyOf(image, method, null, target)) ?? known.get(keyOf(image, method, layer, target));
  const unpack = async (map: SavedMap): Promise<RowMap> => {
    const { shape, range, target, layer, image_index } = map;
    const pixels = await pixelsOf(map, {
      attributions: saved.attributions,
      cam: () => known.get(keyOf(image_index, "grad_cam", layer, target.index)),
    });
    return { shape, range, target, layer, ...pixels };
  };
  const unpacked = new Map<SavedMap, Promise<RowMap>>();
  return {
    pictures: saved.images,
    rowMap(map) {
      const made = unpacked.get(map) ?? unpack(map);
      unpacked.set(map, made);
      return made;
    },
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

function keyOf(image: number, method: string, layer: string | null, target: number): string {
  return JSON.stringify([image, method, layer, target]);
}
