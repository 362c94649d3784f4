import gallery from "../../gallery";
import { rowTraits, type Traits } from "../../gallery/traits";
import { PageModel } from "../page_model";
import { answering } from "./answer";
import type { SavedGallery } from "./catalogue";

/** Draw a gallery from its saved state, opening on the rows that its choices ask for. */
export async function showGallery(state: object, el: HTMLElement): Promise<void> {
  const { _atlas, ...saved } = state as Traits & { readonly _atlas: SavedGallery };
  const empty = Object.fromEntries(rowTraits.map((trait) => [trait, null]));
  const traits = { ...empty, ...saved, _page: null } as Traits;
  const answer = answering(_atlas, (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name as keyof Traits, value);
  });
  const model = new PageModel<Traits>(traits, answer);
  model.receive((await answer(traits)) ?? {});
  gallery.render({ model, el });
}
