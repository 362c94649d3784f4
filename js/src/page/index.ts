import { answering } from "../atlas/answer";
import type { Atlas } from "../atlas/atlas";
import explainer from "../explainer";
import type { Traits } from "../explainer/traits";
import { showingGallery } from "./gallery";
import type { SavedState as SavedGallery } from "./gallery/opening";
import "./page.css";
import { PageModel } from "./page_model";
import { stateFrom } from "./state";

const json = document.getElementById("xcnn-state")?.textContent;
const el = document.getElementById("xcnn-widget");
if (json && el) {
  const state = stateFrom(json) as { readonly _view?: string };
  if (state._view === "gallery") showingGallery(state as object as SavedGallery)(el);
  else showExplainer(state, el);
}

function showExplainer(state: object, el: HTMLElement): void {
  const { _atlas, ...traits } = state as Traits & { readonly _atlas: Atlas };
  explainer.render({ model: new PageModel<Traits>(traits, answering(_atlas)), el });
}
