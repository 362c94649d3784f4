import explainer from "../src/explainer";
import { FakeModel } from "../tests/fake_model";
import { answer, madeUpTraits, scenes } from "./made_up";
import { main, wanted } from "./theme";

/** Open `?scene=error&theme=dark&width=400`. */
const traits = await madeUpTraits(Number(wanted.get("pictures") ?? 8));
const scene = scenes[wanted.get("scene") ?? ""] ?? {};
const model = new FakeModel({ ...traits, ...scene });
const save = model.save_changes.bind(model);
model.save_changes = () => {
  save();
  void answer(model);
};
for (let view = 0; view < Number(wanted.get("views") ?? 1); view++) {
  explainer.render({ model, el: main.appendChild(document.createElement("div")) });
}
Object.assign(globalThis, { model });
