import type { AnyModel } from "@anywidget/types";
import { countText } from "../controls/number_text";
import type { Head } from "./head";
import { canRunCells } from "./kernel";

/** What is said of a choice whose view is not there. */
export const notSaved = "Not saved on this page: needs a running kernel.";

/** What is said of a click on a picture whose pixels nobody can be asked about. */
export const onePixel =
  "Explaining one pixel needs a running kernel; the classes saved here answer.";

/** What is said where a class cannot be held against another one. */
export const oneClass =
  "Only two different classes can be held against each other: choose another one.";

/** What is said where the nearest view stands in for one that is not there. */
export const nearestShown =
  "This view is not saved on this page: the nearest one that is saved is shown.";

/** What a page cannot do. */
export const kernelDoes =
  "A running kernel answers every picture, method, layer and class, what hiding a part changes, and what a map is worth.";

/** What is said of a widget whose kernel has gone, where its cell can be run. */
export const cellAgain = "Run the cell again to go on.";

/** That something is not saved, and what would tell it: the notebook's cell, or a kernel at all. */
export function notSavedHere<T extends object>(model: AnyModel<T>, what: string): string {
  return canRunCells(model) ? `${what}. ${cellAgain}` : `${what}: this needs a running kernel.`;
}

/** Why views of another layout cannot be read. */
export function otherVersion(version: number, known: number): string {
  return `The views saved here have version ${version}, and this page reads version ${known}: open it with the xcnn-widgets that saved it.`;
}

/** How much a page holds. */
export function savedHere(views: number, head: Head | undefined): string {
  const counted = `${countText(views)} ${views === 1 ? "view" : "views"}`;
  if (!head) return `Saved on this page: ${counted}.`;
  const classes = countText(head.shape[0]);
  return `Saved on this page: ${counted}, and Grad-CAM at ${head.layer} of all ${classes} classes.`;
}

/** Of a map that is zero everywhere, as Python says it. */
export function zeroEverywhere(layer: string): string {
  return `The map is zero everywhere: nothing at layer '${layer}' speaks for what is explained; try another class, layer or method.`;
}

/** Of a map that has one value, as Python says it. */
export const sameEverywhere = "The map is the same everywhere: it shows no place.";

/** Of a map that rounding alone may have made. */
export const lostInRounding =
  "This map is as weak as the rounding of what is saved here: only a running kernel can tell it from nothing.";
