import type { AnyModel } from "@anywidget/types";
import { imageStrip } from "../controls/image_strip";
import { choose, follow } from "../controls/model";
import { readingOf } from "../controls/reading_choice";
import type { Bytes } from "../pixels/decode";
import type { Traits } from "./traits";

/** Of very many pictures so many thumbnails are kept on a page; a few kilobytes each. */
const mostKept = 1000;

/** What a widget with a strip of pictures has, whichever it is. */
export type StripTraits = Pick<
  Traits,
  | "image_index"
  | "_images"
  | "_thumbnails"
  | "_thumbnails_wanted"
  | "_thumbnail_window"
  | "_reading"
>;

/** The pictures to choose from; of many the thumbnails are asked for as they come in sight. */
export function pictureStrip(model: AnyModel<StripTraits>, signal: AbortSignal): HTMLElement {
  const kept = new Map<number, Bytes | null>();
  const thumbnails = {
    at: (index: number) => kept.get(index) ?? model.get("_thumbnails")[index] ?? null,
  };
  const strip = imageStrip(
    (image_index) => choose(model, { image_index }),
    signal,
    (first, last) => {
      const wanted = model.get("_thumbnails_wanted") ?? [];
      if (!readingOf(model.get("_reading")).can_ask) return;
      if (wanted[0] === first && wanted[1] === last) return;
      choose(model, { _thumbnails_wanted: [first, last] });
    },
  );
  follow(
    model,
    ["_images", "_thumbnails", "_thumbnail_window", "image_index"],
    () => {
      const { first = 0, files = [] } = model.get("_thumbnail_window") ?? {};
      for (const [i, file] of files.entries()) {
        kept.delete(first + i);
        kept.set(first + i, file);
      }
      for (const index of kept.keys()) {
        if (kept.size <= mostKept) break;
        kept.delete(index);
      }
      strip.show({ images: model.get("_images"), thumbnails, index: model.get("image_index") });
    },
    signal,
  );
  return strip.element;
}
