import type { Traits } from "../explainer/traits";
import { type Atlas, findView, mapOf } from "./atlas";
import { notSaved, otherVersion } from "./words";

const knownVersion = 1;

/** What a kernel would send back; where there is none, the atlas answers in its place. */
export type Answer = Partial<Traits>;

/** From an atlas to the function that answers the choices made so far; null when a later one came. */
export function answering(atlas: Atlas): (traits: Traits) => Promise<Answer | null> {
  let latest = 0;
  return async (traits) => {
    latest += 1;
    const turn = latest;
    if (atlas.version !== knownVersion) {
      return { error: otherVersion(atlas.version, knownVersion) };
    }
    const view = findView(atlas, traits);
    if (!view) return { error: notSaved };
    try {
      const map = await mapOf(view.entry);
      if (turn !== latest) return null;
      const { picture, predictions, entry } = view;
      const { status, note } = entry;
      return { _picture: picture, _map: map, predictions, status, note, error: "" };
    } catch (cause) {
      if (turn !== latest) return null;
      return { error: `This view cannot be unpacked here: ${String(cause)}` };
    }
  };
}
