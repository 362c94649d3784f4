import type { Layer } from "../controls/layer_choice";
import { saidNumber } from "../controls/prediction";
import type { Reading } from "../controls/reading_choice";
import type { Beside, Change } from "../explainer/beside/traits";
import type { Method, Picture, Traits } from "../explainer/traits";
import { type Answer, asksOtherPixel } from "./answer";
import { type Atlas, findView, mapOf, type View } from "./atlas";
import { matchedClass, matchedLayer } from "./matching";
import { notSaved, onePixel } from "./words";

/** What there is to choose of a model. */
export interface ModelFacts {
  readonly methods: readonly Method[];
  readonly layers: readonly Layer[];
  /** Those of the first model where there is nothing else. */
  readonly class_names: readonly string[] | null;
  readonly reading: Reading;
}

interface SavedModel extends Atlas {
  readonly facts: ModelFacts;
}

/** Views of several models; a picture that another model is given too stands there. */
export interface AtlasOfSeveral {
  readonly version: number;
  readonly models: Readonly<Record<string, SavedModel>>;
}

export function isOfSeveral(atlas: object | null | undefined): atlas is AtlasOfSeveral {
  return Boolean(atlas && "models" in atlas);
}

/** From what is saved of several models, and what is shown, to the function that answers the choices. */
export function answeringSeveral(
  atlas: AtlasOfSeveral | null,
  opened: Traits,
  shown: View | null,
): (traits: Traits) => Promise<Answer | null> {
  const models = new Map(Object.entries(atlas ? withPictures(atlas) : {}));
  const first = opened.model ?? "";
  const known = models.get(first) ?? emptyOf(opened);
  if (shown) models.set(first, withView(known, shown));
  let latest = 0;
  // The model that layers and classes on the page belong to.
  let told = first;
  return async (now) => {
    latest += 1;
    const turn = latest;
    const pixel = opened.pixel ?? null;
    if (asksOtherPixel(now, pixel)) return { pixel, error: onePixel };
    const name = now.model ?? "";
    const here = models.get(name);
    if (!here) return { error: notSaved };
    const fitted = name === told ? {} : switched(now, models.get(told), here, told);
    const asked = { ...now, ...fitted };
    const view = findView(here, asked);
    if (!view) return { error: notSaved };
    try {
      const map = await mapOf(view.entry, here);
      const beside = await besideOf(asked, view, here);
      if (turn !== latest) return null;
      told = name;
      const { picture, predictions, entry } = view;
      const { status, note } = entry;
      const shownNow = { _picture: picture, _map: map, predictions, status, note, error: "" };
      return { ...fitted, ...shownNow, _beside: beside };
    } catch (cause) {
      if (turn !== latest) return null;
      return { error: `This view cannot be unpacked here: ${String(cause)}` };
    }
  };

  async function besideOf(asked: Traits, view: View, here: SavedModel): Promise<Beside | null> {
    const name = asked.beside;
    if (!name) return null;
    // The kernel knew more of it than what is saved.
    if (view.entry === shown?.entry && name === opened.beside) return opened._beside ?? null;
    const there = models.get(name);
    const index = there && matchedClass(view.entry.target.index, namesOf(here), namesOf(there));
    const layer = there
      ? matchedLayer(view.entry.layer, here.facts.layers, there.facts.layers)
      : null;
    const other =
      there && index != null ? findView(there, { ...asked, layer, target: index }) : null;
    const image = there?.images.find(({ picture }) => picture.index === asked.image_index);
    const isLost = there && index === null;
    const whyNot = other
      ? ""
      : isLost
        ? `${name} has no class '${view.entry.target.name}'.`
        : notSaved;
    const [mine, theirs] = [view.predictions, image?.predictions ?? []];
    const isSame = other?.picture.data === view.picture.data;
    return {
      model: name,
      map: other && there ? await mapOf(other.entry, there) : null,
      picture: other && !isSame ? other.picture : null,
      why_not: whyNot,
      why_no_difference: whyNot || (other && there ? apart(view, other, here, there) : ""),
      top: [mine[0] ?? null, theirs[0] ?? null],
      changed_mind: mine[0]?.name !== theirs[0]?.name,
      changes: changesOf(mine, theirs),
    };
  }

  function namesOf(model: SavedModel): readonly string[] {
    return model.facts.class_names ?? [...models.values()][0]?.facts.class_names ?? [];
  }

  function switched(
    now: Traits,
    before: SavedModel | undefined,
    here: SavedModel,
    from: string,
  ): Partial<Traits> {
    const { methods, layers, reading } = here.facts;
    const target =
      now.target === null || !before
        ? now.target
        : matchedClass(now.target, namesOf(before), namesOf(here));
    const isOffered = methods.some(({ name }) => name === now.method);
    return {
      _methods: methods,
      _layers: layers,
      _class_names: namesOf(here),
      _reading: reading,
      method: isOffered ? now.method : (methods[0]?.name ?? now.method),
      layer: matchedLayer(now.layer, before?.facts.layers ?? [], layers),
      target,
      beside: now.beside === now.model ? from : (now.beside ?? null),
    };
  }
}

/** Why two maps cannot be subtracted; empty where they can. */
function apart(one: View, other: View, here: SavedModel, there: SavedModel): string {
  const kind = ({ facts: { reading } }: SavedModel) =>
    `${reading.tells_areas} ${reading.finds_boxes}`;
  const end = "so their maps are not subtracted.";
  if (kind(here) !== kind(there)) return `The models answer with different kinds of things, ${end}`;
  const [mine, theirs] = [one.entry.size.join(" x "), other.entry.size.join(" x ")];
  if (mine !== theirs) {
    return `The models are given ${mine} and ${theirs} pixels of the picture, ${end}`;
  }
  const isSame = one.picture.data === other.picture.data;
  return isSame ? "" : `The models are given different cuts or colours of the picture, ${end}`;
}

/** What is known of each class that one of them finds likely, the largest change first, and then what one alone tells. */
function changesOf(here: View["predictions"], there: View["predictions"]): readonly Change[] {
  const names = new Set([...here, ...there].map(({ name }) => name));
  const changes = [...names].map((name) => {
    const mine = here.find((said) => said.name === name) ?? null;
    const theirs = there.find((said) => said.name === name) ?? null;
    return { name, index: mine?.index ?? null, here: mine, there: theirs };
  });
  const size = ({ here: mine, there: theirs }: Change) =>
    Math.abs(saidNumber(theirs ?? {}) - saidNumber(mine ?? {}));
  return changes.sort((a, b) => size(b) - size(a));
}

function emptyOf(traits: Traits): SavedModel {
  const facts = {
    methods: traits._methods,
    layers: traits._layers,
    class_names: traits._class_names,
    reading: traits._reading as Reading,
  };
  return { version: 1, images: [], entries: [], facts };
}

function withView(model: SavedModel, { picture, predictions, entry }: View): SavedModel {
  const isKnown = model.images.some((image) => image.picture.index === picture.index);
  return {
    ...model,
    images: isKnown ? model.images : [...model.images, { picture, predictions }],
    // What stands first is found first.
    entries: [entry, ...model.entries],
  };
}

/** With the very bytes of a picture that another model is given too, where that is said instead. */
function withPictures({ models }: AtlasOfSeveral): Record<string, SavedModel> {
  const whole = (picture: Picture & { readonly of?: string }): Picture => {
    const { of, ...own } = picture;
    const same = of === undefined ? undefined : models[of];
    const data = same?.images.find((image) => image.picture.index === picture.index)?.picture.data;
    return { ...own, data: data ?? own.data };
  };
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => {
      const images = model.images.map((image) => ({ ...image, picture: whole(image.picture) }));
      return [name, { ...model, images }];
    }),
  );
}
