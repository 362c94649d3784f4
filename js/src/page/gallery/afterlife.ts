import type { Afterlife } from "../../atlas/outliving";
import { notSaved } from "../../atlas/words";
import { type Choices, rowTraits } from "../../gallery/traits";
import { answering } from "./answer";
import { opening, type SavedState } from "./opening";
import { requested } from "./settle";

type Chosen = Omit<Choices, "_cancel">;

const choices: readonly (keyof Chosen)[] = [...requested, "selected"];

/** A gallery without its kernel becomes what it would be on its own page, with the first choice that asks for rows. */
export const afterlife: Afterlife<SavedState> = {
  choices,
  announced: ["_page", "_atlas"],
  shown: [
    "_methods",
    "_layers",
    "_images",
    "_defaults",
    "_models",
    "_class_names",
    "_names_of",
    "note",
    ...rowTraits,
  ],
  answering(state, set) {
    let opened: ReturnType<typeof opens> | null = null;
    return async (now) => {
      const changes = changed(state, now());
      if (!opened && Object.keys(changes).every((name) => name === "selected")) return null;
      opened ??= opens(state, now(), changes, set);
      const { answer, isSaved, ready } = opened;
      await ready;
      const answered = await answer(now());
      if (isSaved) return answered;
      opened = { ...opened, isSaved: true };
      return { ...answered, error: notSaved };
    };
  },
};

/** Open what is saved as a page does, with the rows shown first, and make the changes on it. */
function opens(
  state: SavedState,
  { selected }: Chosen,
  changes: Partial<Chosen>,
  set: (values: Partial<SavedState>) => void,
) {
  const { traits, saved, placeOf } = opening(state);
  const answer = answering(saved, set, state._page?.generation ?? 0);
  const pictures = state.rows === "pictures";
  const compared = changes.image_index ?? (pictures && changes.rows ? selected : null);
  const place = compared === null ? traits.image_index : placeOf(compared);
  set({
    page: traits.page,
    _images: traits._images,
    _defaults: traits._defaults,
    note: traits.note,
    // Its pictures are counted as those of the rows are from now on.
    ...(traits._images.total === state._images.total ? {} : { _atlas: saved }),
    ...changes,
    ...(place === null ? { rows: state.rows } : {}),
    image_index: place ?? traits.image_index,
    selected: pictures && selected !== null ? placeOf(selected) : selected,
  });
  const ready = answer(traits).then((first) => {
    const { page, ...rows } = first ?? {};
    set(rows);
  });
  return { answer, ready, isSaved: place !== null };
}

function changed(before: Chosen, now: Chosen): Partial<Chosen> {
  return Object.fromEntries(
    choices
      .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
      .map((name) => [name, now[name]]),
  );
}
