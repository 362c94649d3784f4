type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** An element with attributes and children; strings become text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** An id no other view on the page has, whichever copy of this script made it. */
export function uniqueId(name: string): string {
  return `xcnn-${name}-${Math.random().toString(36).slice(2, 10)}`;
}

/** Write text only when it differs, so that a live region does not speak twice. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
