import { type Atlas, findView, type Question } from "./atlas";
import { pictureOf } from "./head";

const names = ["target", "method", "layer", "patch", "stride"] as const;

export function questionOf(choices: Question): Question {
  const { image_index, method, layer, target, patch, stride } = choices;
  return { image_index, method, layer, target, patch, stride };
}

/** Whether the head answers a question: any class, by its method at its layer. */
export function headAnswers(atlas: Atlas, asked: Question): boolean {
  const { head } = atlas;
  const fits = head !== undefined && asked.method === head.method && asked.layer === head.layer;
  return fits && pictureOf(head, asked.image_index) !== undefined;
}

export function isSaved(atlas: Atlas, asked: Question): boolean {
  return findView(atlas, asked) !== null || headAnswers(atlas, asked);
}

/**
 * The saved view of a picture that is nearest to what is asked for: what was chosen last stays, of the
 * rest first the class, then the method, then the layer. Null where there is no such view.
 */
export function nearest(atlas: Atlas, asked: Question, before: Question | null): Question | null {
  if (isSaved(atlas, asked)) return asked;
  const { head } = atlas;
  const likeliest = atlas.images.find(({ picture }) => picture.index === asked.image_index)
    ?.predictions[0]?.index;
  const views = atlas.entries
    .filter(({ image_index }) => image_index === asked.image_index)
    .map(
      ({ method, layer, target, options }): Question => ({
        ...asked,
        ...options,
        method,
        layer: layer ?? asked.layer,
        // The predicted class is followed also where it has a name.
        target: target.index === likeliest && asked.target === null ? null : target.index,
      }),
    );
  if (head && pictureOf(head, asked.image_index)) {
    views.push({ ...asked, method: head.method, layer: head.layer });
  }
  const chosen = names.filter((name) => before && before[name] !== asked[name]);
  // Each counts more than all behind it.
  const near = (view: Question) =>
    names.reduce((sum, name) => 2 * sum + (view[name] === asked[name] ? 1 : 0), 0);
  return views
    .filter((view) => chosen.every((name) => view[name] === asked[name]))
    .reduce<Question | null>(
      (found, view) => (found && near(found) >= near(view) ? found : view),
      null,
    );
}
