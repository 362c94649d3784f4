import { answeringMany, ofOne, type SavedTraits } from "../atlas/afterlife";
import { answering } from "../atlas/answer";
import { onlySaved } from "../atlas/offer";
import { seeBehind } from "../behind";
import brush from "../brush";
import type { Traits as BrushTraits } from "../brush/traits";
import { element } from "../controls/element";
import explainer from "../explainer";
import type { Traits } from "../explainer/traits";
import { showingGallery } from "./gallery";
import type { SavedState as SavedGallery } from "./gallery/opening";
import { PageModel } from "./page_model";
import { stateFrom } from "./state";

interface SavedState {
  readonly _state_version?: number;
  readonly _view?: string;
}

type Show = (el: HTMLElement) => void;

const knownVersion = 1;

/** Widgets of a page stay as long as the page. */
const forGood = new AbortController().signal;

// What widgets of this state version did not always have, as if they had it.
const laterTraits: Partial<Traits> = { wipe: 1, _opening_error: "" };

/** Show the widgets that the page holds: one model for each saved state, however often it is shown. */
export function showAll(): void {
  const known = new Map<string, Show>();
  for (const el of document.querySelectorAll<HTMLElement>("[data-xcnn-state]")) {
    const id = el.dataset.xcnnState ?? "";
    const json = document.getElementById(id)?.textContent;
    if (!json) continue;
    const show = known.get(id) ?? showing(stateFrom(json) as SavedState);
    known.set(id, show);
    show(el);
    // A page of our own follows the system; another has a theme of its own.
    if (!document.body.classList.contains("xcnn-page")) seeBehind(el, forGood);
  }
}

function showing(state: SavedState): Show {
  const version = state._state_version;
  if (version !== knownVersion) return showingWords(otherVersion(version));
  if (state._view === "gallery") return showingGallery(state as object as SavedGallery);
  if (state._view === "brush") return showingBrush(state as object as BrushTraits);
  return showingExplainer(state as object as SavedTraits);
}

/** The brush as it stood: nothing on the page answers what would be painted. */
function showingBrush(state: BrushTraits): Show {
  const model = new PageModel<BrushTraits>(state, () => Promise.resolve(null));
  return (el) => void brush.render({ model, el });
}

function showingExplainer({ _atlas, ...state }: SavedTraits): Show {
  const opened: Traits = { ...laterTraits, ...state, progress: null };
  const many = answeringMany({ ...opened, _atlas });
  const one = onlySaved(opened, ofOne({ ...opened, _atlas }));
  const traits = many ? opened : one.traits;
  const model = new PageModel(traits, many ?? answering(one.atlas, traits));
  // What was computed ahead last is told in the status; of what is shown its own words are saved.
  if (traits._map && !traits.error) model.save_changes();
  return (el) => void explainer.render({ model, el });
}

function showingWords(words: string): Show {
  return (el) => el.append(element("p", { class: "xcnn-words", role: "alert" }, words));
}

function otherVersion(version: number | undefined): string {
  return `This widget was saved with version ${version}, and this page reads version ${knownVersion}: open it with the xcnn-widgets that saved it.`;
}
