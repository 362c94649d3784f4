import type { Traits } from "../explainer/traits";
import { type Answer, answering } from "./answer";
import type { Atlas } from "./atlas";
import { shownView, withShown } from "./opening";
import type { Afterlife } from "./outliving";
import { type AtlasOfSeveral, answeringSeveral, isOfSeveral } from "./several";

/** No view reads what is saved; only a kernel or a notebook sets it. */
export type SavedTraits = Traits & { readonly _atlas: Atlas | AtlasOfSeveral | null | undefined };

/** An explorer without its kernel shows the views that are saved, and the one that it showed last. */
export const afterlife: Afterlife<SavedTraits> = {
  choices: [
    "model",
    "beside",
    "image_index",
    "method",
    "layer",
    "target",
    "patch",
    "stride",
    "rather_than",
    "pixel",
  ],
  announced: ["_map", "_beside", "_atlas"],
  shown: [
    "_picture",
    "_methods",
    "_layers",
    "_class_names",
    "_reading",
    "_models",
    "predictions",
    "status",
    "note",
  ],
  goesBack: true,
  answering(state) {
    const answer = answeringMany(state) ?? answering(ofOne(state), state);
    return async (now) => {
      const found = await answer(now());
      if (!found) return null;
      // Of no trait, so that it is not saved with the notebook.
      const { _offer, ...traits } = found;
      return traits;
    };
  },
};

/** What is saved of the model of a state that has one alone. */
export function ofOne(state: SavedTraits): Atlas {
  const { _atlas: atlas } = state;
  return withShown(isOfSeveral(atlas) ? null : atlas, shownView(state));
}

/** From a state of several models to the function that answers from what is saved; null of one alone. */
export function answeringMany(
  state: SavedTraits,
): ((traits: Traits) => Promise<Answer | null>) | null {
  const { _atlas: atlas } = state;
  if (isOfSeveral(atlas)) return answeringSeveral(atlas, state, shownView(state));
  // Where nothing was computed ahead, what is shown is there.
  const isMany = (state._models?.names?.length ?? 0) > 1;
  return isMany ? answeringSeveral(null, state, shownView(state)) : null;
}
