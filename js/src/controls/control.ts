/** Something a person sets: `show` draws a state, and never calls back what it was told. */
export interface Control<Shown> {
  readonly element: HTMLElement;
  show(shown: Shown): void;
}

/** JupyterLab leaves the keys alone that are pressed inside an element with this attribute. */
export const ownKeys = { "data-lm-suppress-shortcuts": "true" } as const;

/** Act on Enter: inside JupyterLab it does not always make a `change` of what was typed. */
export function onEnter(input: HTMLInputElement, act: () => void, signal: AbortSignal): void {
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter" && !event.isComposing) act();
    },
    { signal },
  );
}
