import { answering } from "../atlas/answer";
import type { Atlas } from "../atlas/atlas";
import explainer from "../explainer";
import type { Traits } from "../explainer/traits";
import "./page.css";
import { PageModel } from "./page_model";
import { stateFrom } from "./state";

const json = document.getElementById("xcnn-state")?.textContent;
const el = document.getElementById("xcnn-widget");
if (json && el) {
  const { _atlas, ...traits } = stateFrom(json) as Traits & { readonly _atlas: Atlas };
  explainer.render({ model: new PageModel<Traits>(traits, answering(_atlas)), el });
}
