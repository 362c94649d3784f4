/** Something a person sets: `show` draws a state, and never calls back what it was told. */
export interface Control<Shown> {
  readonly element: HTMLElement;
  show(shown: Shown): void;
}

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
