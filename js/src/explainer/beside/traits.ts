import type { Prediction } from "../../controls/prediction";
import type { AttributionMap, Picture } from "../traits";

/** What two models say of one class; null where one has no such class, or it is not known here. */
export interface Change {
  readonly name: string;
  /** In the model that is looked at. */
  readonly index: number | null;
  readonly here: Prediction | null;
  readonly there: Prediction | null;
}

/** What the second model answers to the same question. */
export interface Beside {
  readonly model: string;
  readonly map: AttributionMap | null;
  /** Its own cut of the picture, where that is another one. */
  readonly picture: Picture | null;
  /** Why it cannot be asked, and why the maps cannot be subtracted; empty where they can. */
  readonly why_not: string;
  readonly why_no_difference: string;
  readonly changed_mind: boolean;
  /** What each says first. */
  readonly top: readonly [here: Prediction | null, there: Prediction | null];
  readonly changes: readonly Change[];
}

export interface ModelNames {
  readonly names: readonly string[];
  readonly kind: "models" | "checkpoints";
}

/** Not told by widgets that were saved before there could be several models. */
export interface ModelTraits {
  model?: string | null;
  beside?: string | null;
  _models?: ModelNames | Record<string, never>;
  _beside?: Beside | null;
}
