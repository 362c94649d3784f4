/** The id of the model that a trait refers to, as ipywidgets writes it. */
export function idOf(reference: string): string {
  return reference.slice("IPY_MODEL_".length);
}
