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
 * rest first the class, then the method, then the layer. Null where the picture has no view.
 */
export function nearest(atlas: Atlas, asked: Question, before: Question | null): Question | null {
  if (isSaved(atlas, asked)) return asked;
  const { head } = atlas;
  const views = atlas.entries
    .filter(({ image_index }) => image_index === asked.image_index)
    .map(
      ({ method, layer, target, options }): Question => ({
        ...asked,
        ...options,
        method,
        layer: layer ?? asked.layer,
        target: target.index,
      }),
    );
  if (head && pictureOf(head, asked.image_index)) {
    views.push({ ...asked, method: head.method, layer: head.layer });
  }
  const likeliest = atlas.images.find(({ picture }) => picture.index === asked.image_index)
    ?.predictions[0]?.index;
  // Each counts more than all behind it.
  const weight = (name: (typeof names)[number], place: number) =>
    2 ** (names.length - place) + (before && before[name] !== asked[name] ? 2 ** 10 : 0);
  const near = (view: Question) => {
    const same = (name: (typeof names)[number]) =>
      view[name] === asked[name] ||
      (name === "target" && view.target === likeliest && asked.target === null);
    return names.reduce((sum, name, place) => sum + (same(name) ? weight(name, place) : 0), 0);
  };
  const best = views.reduce<Question | null>(
    (found, view) => (found && near(found) >= near(view) ? found : view),
    null,
  );
  if (!best) return null;
  // The predicted class is followed also where it had to be named.
  return best.target === likeliest && asked.target === null ? { ...best, target: null } : best;
}
