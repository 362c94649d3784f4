import { type Said, saidText } from "../controls/prediction";
import type { AttributionMap } from "../explainer/traits";
import { type Asked, gradCam, type OpenHead, readScores, rounding, scoresOf } from "./head";
import { lostInRounding, sameEverywhere, zeroEverywhere } from "./words";

/** A map made on the page, with all that is shown beside it. */
export interface HeadView {
  readonly map: AttributionMap;
  readonly status: string;
  readonly note: string;
}

/** What names things: of classes by their index, of the method, of the picture. */
export interface Names {
  classes(index: number): string;
  readonly method: string;
  readonly picture: string;
}

// Of `float32`, as where a kernel takes a map for constant.
const roundingShare = 16 * 2 ** -23;

/** What a kernel would show of a class, or of one class rather than another, which has the index given. */
export function headView(open: OpenHead, asked: Asked, index: number, names: Names): HeadView {
  const { head, picture } = open;
  const values = gradCam(open, asked);
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  const constant = high - low <= roundingShare * Math.max(Math.abs(low), Math.abs(high));
  const levels = values.map((value) =>
    constant ? 0 : Math.round((255 * (value - low)) / (high - low)),
  );
  const target = { index, name: nameOf(asked, names), ...saidOf(open, asked) };
  return {
    map: {
      data: Uint8Array.from(levels),
      shape: picture.shape.slice(1),
      range: [low, constant ? low : high],
      size: picture.size,
      method: head.method,
      layer: head.layer,
      target,
      image_index: picture.image_index,
    },
    status: `${names.method} at ${head.layer} for ${target.name} (${saidText(target)}) in ${names.picture}`,
    note: [aboutMap(), picture.note && `${picture.note.replace(/[.!?]?$/, ".")}`]
      .filter(Boolean)
      .join(" "),
  };

  function aboutMap(): string {
    if (constant) return high === 0 ? zeroEverywhere(head.layer) : sameEverywhere;
    return high - low < 3 * rounding(open, asked) ? lostInRounding : "";
  }
}

function nameOf({ target, ratherThan }: Asked, names: Names): string {
  const name = names.classes(target);
  return ratherThan === undefined ? name : `${name} rather than ${names.classes(ratherThan)}`;
}

function saidOf({ head, picture }: OpenHead, { target, ratherThan }: Asked): Said {
  const scores = scoresOf(picture);
  if (ratherThan !== undefined) {
    return { value: (scores[target] ?? 0) - (scores[ratherThan] ?? 0) };
  }
  const value = readScores(scores, head.read)[target] ?? 0;
  return head.read === "none" ? { value } : { probability: value };
}
