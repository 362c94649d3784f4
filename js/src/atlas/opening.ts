import type { Traits } from "../explainer/traits";
import type { Atlas, View } from "./atlas";

/** The view that a widget's state shows, as one that was saved; null while it shows none. */
export function shownView(traits: Traits): View | null {
  const { _map: map, _picture: picture, predictions, status, note } = traits;
  if (!map || !picture || map.image_index !== picture.index) return null;
  const takes = traits._methods.find(({ name }) => name === map.method)?.options ?? [];
  const options = Object.fromEntries(takes.map((name) => [name, traits[name]]));
  return { picture, predictions, entry: { ...map, encoding: "raw", options, status, note } };
}

/** What is saved, and last the view shown, which may not be among it. */
export function withShown(atlas: Atlas | null | undefined, shown: View | null): Atlas {
  const saved = atlas ?? { version: 1, images: [], entries: [] };
  if (!shown) return saved;
  const { entry, picture, predictions } = shown;
  return {
    ...saved,
    images: [...saved.images, { picture, predictions }],
    entries: [...saved.entries, entry],
  };
}
