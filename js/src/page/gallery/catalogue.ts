import { pixelsOf, type SavedMap as Saved, type SavedAttribution } from "../../atlas/made_maps";
import { type Prediction, saidNumber } from "../../controls/prediction";
import { columnName, type Metric, type Numbers, type Row, type RowMap } from "../../gallery/traits";

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
  /** What metrics say of it; not told where nothing was measured. */
  readonly metrics?: Readonly<Partial<Record<Metric, number | null>>>;
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
  /** The other models, which need not have every map. */
  readonly others: readonly string[];
  /** The model that is read, as columns name it: empty for the first. */
  readonly read: string;
}

export interface Catalogue {
  readonly pictures: readonly SavedPicture[];
  /** The maps of a row, by method; `null` if one of them is not there. */
  mapsOf(view: View): SavedMap[] | null;
  /** How the last model differs from the first: what it says of the class explained, and its map of the first method. */
  change(view: View): { readonly value: number | null; readonly map: number | null };
  /** How far the first two methods disagree, `null` where it is not known. */
  disagreement(view: View): number | null;
  /** What a metric says of the map that the model read has of the first method, `null` where it is not known. */
  number(view: View, metric: Metric): number | null;
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
    const { shape, range, target, layer, image_index, own_layer } = map;
    const pixels = await pixelsOf(map, {
      attributions: saved.attributions,
      cam: () => known.get(keyOf(image_index, "grad_cam", layer, target.index)),
    });
    const own = own_layer === undefined ? {} : { own_layer };
    return { shape, range, target, layer, ...own, ...pixels };
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
      if (!maps.every((map) => map !== undefined)) return null;
      return maps.flatMap((map) => [
        map,
        ...view.others.flatMap((model) => find(view, columnName(map.method, model)) ?? []),
      ]);
    },
    change(view) {
      const [method, last] = [view.methods[0], view.others.at(-1)];
      if (method === undefined || last === undefined) return { value: null, map: null };
      const [one, other] = [find(view, method), find(view, columnName(method, last))];
      const [before, after] = [one, other].map((map) => map && saidNumber(map.target));
      return {
        value: before === undefined || after === undefined ? null : after - before,
        map: other?.disagreements[method] ?? null,
      };
    },
    disagreement(view) {
      const [one, other] = view.methods;
      if (one === undefined || other === undefined) return null;
      const tells = (a: string, b: string) => find(view, a)?.disagreements[b];
      return tells(one, other) ?? tells(other, one) ?? null;
    },
    number(view, metric) {
      const { methods, read } = view;
      const [first = ""] = methods;
      return find(view, read ? columnName(first, read) : first)?.metrics?.[metric] ?? null;
    },
  };
}

/** What is told of the maps of a row, by metric. */
export function numbersOf(maps: readonly SavedMap[]): Numbers {
  const found: Partial<Record<Metric, Record<string, number | null>>> = {};
  for (const { method, metrics } of maps) {
    for (const [metric, number] of Object.entries(metrics ?? {})) {
      const told = found[metric as Metric] ?? {};
      told[method] = number;
      found[metric as Metric] = told;
    }
  }
  return found;
}

function keyOf(image: number, method: string, layer: string | null, target: number): string {
  return JSON.stringify([image, method, layer, target]);
}
