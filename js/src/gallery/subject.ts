import { element } from "../controls/element";
import type { Pixels } from "../pixels/picture";
import { facts } from "./facts";
import { photo } from "./photo";
import type { Row } from "./traits";

export interface Subject {
  readonly element: HTMLElement;
  show(row: Row | null, picture: Pixels | string | undefined): void;
}

/** The one picture that all rows are about. */
export function subject(): Subject {
  const image = photo();
  const about = facts();
  const box = element("div", { class: "xcnn-subject" }, image.element, about.element);
  return {
    element: box,
    show(row, picture) {
      const size = row?.size;
      if (size) box.style.setProperty("--ratio", String(size[1] / size[0]));
      about.show(row && { ...row, disagreement: null, maps: null }, "pictures", "Not there yet");
      if (row && typeof picture === "object") image.paint(picture, `Picture ${row.name}`);
      else image.clear("No picture yet");
    },
  };
}
