import { type Move, movedOf } from "../../gallery/moved";
import type { Row } from "../../gallery/traits";
import type { SavedPicture } from "./catalogue";

/** What is told of a picture; without a prediction it passes no filter by it, and comes last. */
export interface Told
  extends Pick<Row, "name" | "prediction" | "others" | "right" | "changed" | "group"> {
  /** The class of its label, where it is one. */
  readonly label: number | null;
  /** What the last of several models changed. */
  readonly moved: Move | null;
}

/** What one of the models says of a picture; an empty name is the first. */
export function toldBy({ row, label_class }: SavedPicture, read: string): Told {
  const { name, changed, group = null } = row;
  const other = read ? row.beside?.find(({ model }) => model === read) : undefined;
  const said = read ? other : row;
  // Galleries saved before it mattered do not tell the label of another model.
  const label = other?.label === undefined ? label_class : other.label;
  return {
    name,
    ...(changed === undefined ? {} : { changed }),
    prediction: said?.prediction ?? null,
    others: said?.others ?? [],
    right: said?.right ?? null,
    label,
    moved: movedOf(row),
    group,
  };
}
