import type { Said } from "../controls/prediction";
import type { Traits } from "../explainer/traits";
import type { Atlas, Entry } from "./atlas";
import { pictureOf, readScores, scoresOf } from "./head";
import { kernelDoes, savedHere } from "./words";

/** The classes of a picture that can be answered, the likeliest first. */
export interface ClassOffer {
  readonly classes: readonly number[];
  said(index: number): Said;
}

/** What a page without a kernel offers of the picture shown. */
export interface Offer extends ClassOffer {
  /** Whether two classes can be held against each other. */
  readonly contrasts: boolean;
  /** Whether occlusion's window is the only one saved. */
  readonly oneWindow: boolean;
  /** How much was saved, and what else a kernel would do. */
  readonly words: string;
}

/** What an atlas offers of a picture. */
export function offerOf(atlas: Atlas, imageIndex: number): Offer {
  const entries = atlas.entries.filter((entry) => entry.image_index === imageIndex);
  const shared = {
    oneWindow: new Set(atlas.entries.flatMap(windowOf)).size < 2,
    words: `${savedHere(new Set(atlas.entries.map(viewOf)).size, atlas.head)} ${kernelDoes}`,
  };
  const picture = pictureOf(atlas.head, imageIndex);
  if (atlas.head && picture) {
    const values = readScores(scoresOf(picture), atlas.head.read);
    const kind = atlas.head.read === "none" ? "value" : "probability";
    const classes = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    return { ...shared, classes, contrasts: true, said: (index) => ({ [kind]: values[index] }) };
  }
  const said = new Map<number, Said>(entries.map(({ target }) => [target.index, target]));
  return { ...shared, classes: [...said.keys()], contrasts: false, said: (i) => said.get(i) ?? {} };
}

function windowOf({ options }: Entry): string[] {
  return Object.keys(options).length > 0 ? [JSON.stringify(options)] : [];
}

function viewOf({ image_index, method, layer, target, options }: Entry): string {
  return JSON.stringify([image_index, method, layer, target.index, options]);
}

type Saved = Traits & { readonly _atlas?: Atlas | null | undefined };

/** A widget's state whose controls hold only what its atlas can answer; pictures are counted anew. */
export function onlySaved(state: Traits, atlas: Atlas): { traits: Traits; atlas: Atlas } {
  const kept = [...new Set(atlas.images.map(({ picture }) => picture.index))].sort((a, b) => a - b);
  const place = (index: number) => Math.max(0, kept.indexOf(index));
  const placed = <T extends { readonly image_index: number }>(part: T): T => ({
    ...part,
    image_index: place(part.image_index),
  });
  const { head, entries } = atlas;
  const methods = new Set(entries.map(({ method }) => method));
  const layers = new Set(entries.map(({ layer }) => layer));
  if (head) {
    methods.add(head.method);
    layers.add(head.layer);
  }
  const picture = (shown: Traits["_picture"]) => shown && { ...shown, index: place(shown.index) };
  const reading = state._reading;
  const traits: Saved = {
    ...state,
    image_index: place(state.image_index),
    _images: kept.map((index) => state._images[index] ?? { name: "" }),
    _thumbnails: kept.map((index) => state._thumbnails[index] ?? null),
    _picture: picture(state._picture),
    _map: state._map && placed(state._map),
    _methods: state._methods.filter(({ name }) => methods.has(name)),
    _layers: state._layers.filter(({ name }) => layers.has(name)),
    _defaults: { ...state._defaults, image_index: place(state._defaults.image_index ?? 0) },
    ...(reading && { _reading: { ...reading, choices: [reading.activation], can_ask: false } }),
  };
  return {
    traits,
    atlas: {
      ...atlas,
      images: atlas.images.map((image) => ({
        ...image,
        picture: { ...image.picture, index: place(image.picture.index) },
      })),
      entries: entries.map(placed),
      ...(head && { head: { ...head, pictures: head.pictures.map(placed) } }),
    },
  };
}
