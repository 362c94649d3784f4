import type { Traits } from "../explainer/traits";
import { answering } from "./answer";
import type { Atlas } from "./atlas";
import { shownView, withShown } from "./opening";
import type { Afterlife } from "./outliving";

/** No view reads what is saved; only a kernel or a notebook sets it. */
export type SavedTraits = Traits & { readonly _atlas: Atlas | null | undefined };

/** An explorer without its kernel shows the views that are saved, and the one that it showed last. */
export const afterlife: Afterlife<SavedTraits> = {
  choices: ["image_index", "method", "layer", "target", "patch", "stride", "rather_than"],
  announced: ["_map", "_atlas"],
  shown: ["_picture", "_methods", "_class_names", "predictions", "status", "note"],
  goesBack: true,
  answering(state) {
    const answer = answering(withShown(state._atlas, shownView(state)), state);
    return async (now) => {
      const found = await answer(now());
      if (!found) return null;
      // Of no trait, so that it is not saved with the notebook.
      const { _offer, ...traits } = found;
      return traits;
    };
  },
};
