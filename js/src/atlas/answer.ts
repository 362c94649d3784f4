import type { Traits } from "../explainer/traits";
import { type Atlas, findView, mapOf, type Question } from "./atlas";
import { openHead, pictureOf } from "./head";
import { headChannels } from "./head_channels";
import { headView } from "./head_view";
import { type Offer, offerOf } from "./offer";
import { type Pairs, pairsOf } from "./pairs";
import { nearest, questionOf } from "./settle";
import { nearestShown, notSaved, oneClass, onePixel, otherVersion } from "./words";

// With attributions; without them it is 1.
const knownVersion = 3;

/** What a kernel would send back; where there is none, the atlas answers in its place. */
export type Answer = Partial<Traits>;

/**
 * From an atlas to the function that answers the choices made so far; null when a later one came.
 * `before` are the choices that led to what is shown.
 */
export function answering(
  atlas: Atlas,
  before: Traits | null = null,
): (traits: Traits) => Promise<Answer | null> {
  const pairs = pairsOf(atlas);
  let latest = 0;
  let last = before && questionOf(before);
  let against = before?.rather_than ?? null;
  const pixel = before?.pixel ?? null;
  return async (traits) => {
    latest += 1;
    const turn = latest;
    if (asksOtherPixel(traits, pixel)) return { pixel, error: onePixel };
    if (atlas.version !== 1 && atlas.version !== knownVersion) {
      return { error: otherVersion(atlas.version, knownVersion) };
    }
    const wanted = traits.rather_than ?? null;
    const asked =
      wanted === null || wanted === against
        ? questionOf(traits)
        : heldAgainst(atlas, pairs, last ?? questionOf(traits), wanted);
    if (!asked) return { rather_than: against, error: oneClass };
    const found = nearest(atlas, asked, last);
    if (!found) return { error: notSaved };
    try {
      const shown = await shownOf(atlas, pairs, found, traits);
      if (turn !== latest) return null;
      const pair = found.target === null ? null : pairs.classes(found.target);
      against = pair?.ratherThan ?? (found.target === last?.target ? against : null);
      last = found;
      const moved = Object.entries(found).some(([name, value]) => value !== asked[name as "layer"]);
      const note = [moved ? nearestShown : "", shown.note].filter(Boolean).join(" ");
      return { ...found, rather_than: against, ...shown, note, error: "" };
    } catch (cause) {
      if (turn !== latest) return null;
      return { error: `This view cannot be unpacked here: ${String(cause)}` };
    }
  };
}

/** Whether a pixel is asked about that is not the one that was saved. */
export function asksOtherPixel({ pixel }: Traits, saved: Traits["pixel"]): boolean {
  return String(pixel ?? null) !== String(saved ?? null);
}

/** The question why the class explained is it rather than another one; null where no two classes are meant. */
function heldAgainst(
  atlas: Atlas,
  pairs: Pairs,
  last: Question,
  ratherThan: number,
): Question | null {
  const explained = last.target ?? likeliest(atlas, last.image_index);
  const { target } = pairs.classes(explained);
  const classes = atlas.head?.shape[0] ?? 0;
  if (target === ratherThan || Math.max(target, ratherThan) >= classes) return null;
  return { ...last, target: pairs.index(target, ratherThan) };
}

async function shownOf(
  atlas: Atlas,
  pairs: Pairs,
  found: Question,
  traits: Traits,
): Promise<Answer & { readonly _offer: Offer; readonly note: string }> {
  const image = atlas.images.find(({ picture }) => picture.index === found.image_index);
  if (!image) throw new Error("its picture is not there");
  const _offer = offerOf(atlas, found.image_index);
  const { predictions, picture: _picture } = image;
  const shared = { _picture, predictions, _offer };
  const view = findView(atlas, found);
  const { head } = atlas;
  const picture = pictureOf(head, found.image_index);
  const open = head && picture ? await openHead(head, picture) : null;
  if (view) {
    const { status, note, target } = view.entry;
    const knows = open && found.layer === open.head.layer && target.index < open.head.shape[0];
    const channels = knows ? headChannels(open, { target: target.index }, target) : {};
    return { ...shared, ...channels, _map: await mapOf(view.entry, atlas), status, note };
  }
  if (!open) throw new Error("its numbers are not there");
  const index = found.target ?? likeliest(atlas, found.image_index);
  const named = (of: number) => traits._class_names[of] ?? `class ${of}`;
  const method = traits._methods.find(({ name }) => name === found.method)?.label ?? found.method;
  const names = { classes: named, method, picture: _picture.name };
  const asked = pairs.classes(index);
  const { map: _map, status, note } = headView(open, asked, index, names);
  return { ...shared, ...headChannels(open, asked, _map.target), _map, status, note };
}

function likeliest(atlas: Atlas, imageIndex: number): number {
  const image = atlas.images.find(({ picture }) => picture.index === imageIndex);
  return image?.predictions[0]?.index ?? 0;
}
