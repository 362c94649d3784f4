import { kernelDoes } from "../../atlas/words";
import { metricNames } from "../../gallery/measures";
import type { Traits } from "../../gallery/traits";
import type { SavedGallery } from "./catalogue";

/** The methods, layers and classes of which maps are saved: a page offers no others, but what is chosen stays. */
export function offered(traits: Traits, { maps }: SavedGallery): Partial<Traits> {
  const methods = new Set([...traits.methods, ...maps.map(({ method }) => method)]);
  const layers = new Set([traits.layer, ...maps.map(({ layer }) => layer)]);
  const measured = new Set(maps.flatMap(({ metrics }) => Object.keys(metrics ?? {})));
  return {
    _classes_offered: mostSavedFirst(maps.map(({ target }) => target.index)),
    _metrics_offered: metricNames.filter((name) => measured.has(name)),
    _methods: traits._methods.filter(({ name }) => methods.has(name)),
    _layers: traits._layers.filter(({ name }) => layers.has(name)),
  };
}

function mostSavedFirst(classes: readonly number[]): number[] {
  const times = new Map<number, number>();
  for (const index of classes) times.set(index, (times.get(index) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one).map(([index]) => index);
}

/** What of all that there was is saved here, and what a kernel would do; nothing where all is here. */
export function offeredText(all: Traits, now: Partial<Traits>): string {
  const parts = (["_methods", "_layers"] as const).flatMap((name) => {
    const [some, of] = [now[name]?.length ?? 0, all[name].length];
    return some < of ? [`${some} of ${of} ${name.slice(1)}`] : [];
  });
  return parts.length === 0 ? "" : `${parts.join(" and ")} are saved on this page. ${kernelDoes}`;
}
