import type { Bytes } from "./decode";

/** How a map is painted. */
export type Style = "heat" | "in colour" | "positive and negative" | "contours";

export const styleLabels: Readonly<Record<Style, string>> = {
  heat: "Heat",
  "in colour": "In colour",
  "positive and negative": "Positive and negative",
  contours: "Contours",
};

/** What a map may bring beside its heat: its attribution in colour, and signed. */
export interface Parts {
  readonly colour?: {
    readonly data: Bytes;
    readonly channels: number;
    /** The value that is shown as the greatest. */
    readonly clip: number;
  };
  readonly signed?: { readonly data: Bytes; readonly range: readonly [low: number, high: number] };
}

/** What tells how a method's maps can be painted; not told by widgets saved when all were painted by heat. */
export interface Styled {
  readonly family?: string;
  /** The usual one first. */
  readonly styles?: readonly Style[];
}

/** Those of a method's ways for which a map brings what they need. */
export function paintable(method: Styled | undefined, map: Parts | null): readonly Style[] {
  const signed = method?.family === "perturbation" || map?.signed !== undefined;
  const has = { "in colour": map?.colour !== undefined, "positive and negative": signed };
  return (method?.styles ?? ["heat"]).filter((style) => has[style as keyof typeof has] ?? true);
}

/** The way asked for where there is one, else the usual one. */
export function settled(asked: Style | null | undefined, offered: readonly Style[]): Style {
  return asked && offered.includes(asked) ? asked : (offered[0] ?? "heat");
}
