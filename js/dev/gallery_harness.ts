import gallery from "../src/gallery";
import { type Row, rowTraits, type Traits } from "../src/gallery/traits";
import { FakeModel } from "../tests/fake_model";
import { answer, galleryTraits, scenes } from "./gallery_made_up";
import { main, wanted } from "./theme";

/** Open `?scene=layers&theme=dark&width=400&size=50`. */
const scene = scenes[wanted.get("scene") ?? ""] ?? {};
const page_size = Number(wanted.get("size") ?? 10);
const traits = await galleryTraits(Number(wanted.get("pictures") ?? 48), {
  page_size,
  ...scene.traits,
});
for (const trait of rowTraits.slice(scene.there ?? rowTraits.length))
  traits[trait] = null as Row | null;
if (scene.traits?._page) traits._page = scene.traits._page;
const model = new FakeModel<Traits>(traits);
const save = model.save_changes.bind(model);
model.save_changes = () => {
  save();
  void answer(model, traits);
};
for (let view = 0; view < Number(wanted.get("views") ?? 1); view++) {
  gallery.render({ model, el: main.appendChild(document.createElement("div")) });
}
Object.assign(globalThis, { model });
