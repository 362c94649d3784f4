/** The styles that a page has met, by their keys, in the order in which they came. */
export type Wardrobe = ReadonlyMap<string, { readonly styles: string }>;

const id = "xcnn-widgets-styles";

/**
 * Put the styles that came last where they reach an element: in its document, or in the shadow root it stands in.
 *
 * Most hosts draw into an element first, and put that on the page later.
 */
export function dress(el: HTMLElement, known: Wardrobe, signal: AbortSignal): void {
  const styles = [...known.values()].at(-1)?.styles ?? "";
  if (el.isConnected) {
    putIn(el.getRootNode(), styles);
    return;
  }
  putIn(el.ownerDocument, styles);
  const look = () => {
    if (signal.aborted) return;
    if (el.isConnected) putIn(el.getRootNode(), styles);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** One style sheet a root. */
function putIn(root: Node, styles: string): void {
  const place = root instanceof Document ? root.head : (root as ShadowRoot);
  const found = place.querySelector(`#${id}`);
  const style = found ?? place.ownerDocument.createElement("style");
  if (style.textContent !== styles) style.textContent = styles;
  style.id = id;
  if (!found) place.append(style);
}
