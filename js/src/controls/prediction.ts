import { percentText, valueText } from "./number_text";

/** What a model says of a class: a probability, or a value that is none. */
export interface Said {
  readonly probability?: number | null;
  readonly value?: number | null;
}

export interface Prediction extends Said {
  readonly index: number;
  readonly name: string;
}

/** What is said, as people read it; nothing where it is not known. */
export function saidText({ probability, value }: Said): string {
  if (typeof probability === "number") return percentText(probability);
  return typeof value === "number" ? valueText(value) : "";
}

/** What is said as one number, to sort by. */
export function saidNumber({ probability, value }: Said): number {
  return probability ?? value ?? 0;
}

/** How much of a bar each fills: a probability that share of it, of other values the largest all of it. */
export function shares(said: readonly Said[]): number[] {
  const values = said.flatMap(({ value }) => (typeof value === "number" ? [Math.abs(value)] : []));
  const full = Math.max(...values, Number.MIN_VALUE);
  return said.map(({ probability, value }) => probability ?? Math.abs(value ?? 0) / full);
}
