import gallery from "../../gallery";
import type { Traits } from "../../gallery/traits";
import { PageModel } from "../page_model";
import { answering } from "./answer";
import { offered, offeredText } from "./offers";
import { opening, type SavedState } from "./opening";

/** From a gallery's saved state to the function that shows it, on the rows that its choices ask for. */
export function showingGallery(state: SavedState): (el: HTMLElement) => void {
  const { traits, saved } = opening(state);
  const answer = answering(saved, (changes) => {
    for (const [name, value] of Object.entries(changes)) model.set(name as keyof Traits, value);
  });
  const offer = offered(traits, saved);
  const note = [traits.note, offeredText(traits, offer)].filter(Boolean).join(" ");
  const shown = { ...traits, ...offer, note };
  const model = new PageModel<Traits>(shown, answer);
  const opened = answer(shown).then((first) => model.receive(first ?? {}));
  return (el) => void opened.then(() => gallery.render({ model, el }));
}
