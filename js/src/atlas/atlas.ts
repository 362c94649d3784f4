import type { Prediction } from "../controls/prediction";
import type { AttributionMap, Choices, Picture } from "../explainer/traits";
import type { Head } from "./head";
import { pixelsOf, type SavedAttribution, type SavedMap } from "./made_maps";

/** A map computed ahead, with all that is shown beside it. */
export interface Entry extends AttributionMap, Pick<SavedMap, "encoding" | "attribution" | "cam"> {
  readonly options: Partial<Choices>;
  readonly status: string;
  readonly note: string;
}

/** Views computed ahead, as Python saves them. */
export interface Atlas {
  readonly version: number;
  readonly images: readonly {
    readonly picture: Picture;
    readonly predictions: readonly Prediction[];
  }[];
  readonly entries: readonly Entry[];
  /** What maps without pixels are made from. */
  readonly attributions?: readonly SavedAttribution[] | undefined;
  /** What answers every class; not there where it was not asked for, or the network has another head. */
  readonly head?: Head | undefined;
}

export type Question = Pick<
  Choices,
  "image_index" | "method" | "layer" | "target" | "patch" | "stride"
>;

export interface View {
  readonly picture: Picture;
  readonly predictions: readonly Prediction[];
  readonly entry: Entry;
}

/** The view that answers a question, if it was saved; without a class, the likeliest one is meant. */
export function findView(atlas: Atlas, asked: Question): View | null {
  const image = atlas.images.find(({ picture }) => picture.index === asked.image_index);
  const target = asked.target ?? image?.predictions[0]?.index;
  const entry = atlas.entries.find(
    (saved) =>
      saved.image_index === asked.image_index &&
      saved.method === asked.method &&
      saved.target.index === target &&
      (saved.layer === null || saved.layer === asked.layer) &&
      Object.entries(saved.options).every(
        ([name, value]) => asked[name as keyof Question] === value,
      ),
  );
  return image && entry ? { ...image, entry } : null;
}

const kept = new WeakMap<Entry, Promise<AttributionMap>>();

/** An entry's map, unpacked or made once and the same object from then on. */
export function mapOf(entry: Entry, atlas: Atlas): Promise<AttributionMap> {
  const known = kept.get(entry);
  if (known) return known;
  const { options, status, note, encoding, attribution, cam, ...map } = entry;
  const pixels = pixelsOf(entry, {
    attributions: atlas.attributions,
    cam: () =>
      atlas.entries.find(
        (saved) =>
          saved.method === "grad_cam" &&
          saved.image_index === entry.image_index &&
          saved.layer === entry.layer &&
          saved.target.index === entry.target.index,
      ),
  });
  const made = pixels.then((found) => ({ ...map, ...found }));
  kept.set(entry, made);
  return made;
}
