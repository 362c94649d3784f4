/** What is said of a choice whose view is not there. */
export const notSaved = "Not saved on this page: needs a running kernel.";

/** The same in a notebook, whose kernel can make the view. */
export const runAgain = "Run the cell again to see this: it is not saved in the notebook.";

/** Why views of another layout cannot be read. */
export function otherVersion(version: number, known: number): string {
  return `The views saved here have version ${version}, and this page reads version ${known}: open it with the xcnn-widgets that saved it.`;
}
