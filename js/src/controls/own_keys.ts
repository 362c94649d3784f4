/** JupyterLab leaves a key alone that is pressed on an element with this attribute. */
const leftAlone = "data-lm-suppress-shortcuts";

const throughWithCommand = /^[^ aymz]$/;
const throughAlways = /^(Escape|Tab|F\d+)$/;

/**
 * Whether a widget keeps a key from the page around it. A notebook turns, cuts, runs and deletes cells on letters, arrows,
 * Enter and Backspace; what is meant for the page itself goes through: leaving, saving, searching, the browser's own.
 */
export function keepsKey({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (throughAlways.test(key)) return false;
  const commands = ctrlKey || metaKey || altKey;
  return !(commands && throughWithCommand.test(key.toLowerCase()));
}

/**
 * Keep a widget's keys in it, whichever of its elements has the focus, today's and those that come later. A click
 * beside them leaves the focus in the widget, and Escape, where nothing in it wants it, gives it back to the cell.
 */
export function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  root.tabIndex = -1;
  root.style.outline = "none";
  root.addEventListener(
    "keydown",
    (event) => {
      if (keepsKey(event)) event.stopPropagation();
      else if (event.key === "Escape" && !event.defaultPrevented && !isList(event.target))
        leave(root);
    },
    { signal },
  );
  // A notebook gives its cell the focus, and a browser leaves it there where selected text is clicked.
  root.addEventListener(
    "click",
    () => {
      if (!root.contains(focused(root))) root.focus({ preventScroll: true });
    },
    { signal },
  );
  // JupyterLab before 4.1 looks at a key before the page does.
  root.ownerDocument.defaultView?.addEventListener(
    "keydown",
    (event) => {
      const target = event.target;
      if (!(target instanceof Element) || !root.contains(target)) return;
      target.toggleAttribute(leftAlone, keepsKey(event));
    },
    { capture: true, signal },
  );
}

/** A list that is unfolded takes Escape itself, and does not tell. */
function isList(target: EventTarget | null): boolean {
  return target instanceof HTMLSelectElement;
}

/** Give the focus to what stands around a widget, a notebook's cell, or to nothing. */
function leave(root: HTMLElement): void {
  const around = root.parentElement?.closest<HTMLElement>("[tabindex]");
  const inside = focused(root);
  if (around) around.focus({ preventScroll: true });
  else if (inside instanceof HTMLElement) inside.blur();
}

function focused(root: HTMLElement): Element | null {
  return (root.getRootNode() as Document | ShadowRoot).activeElement;
}
