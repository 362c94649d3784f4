/** Pages whose colours theme.css knows: JupyterLab's themes, VS Code's, Colab's. */
const known =
  "body[data-jp-theme-light], body[data-vscode-theme-kind], html[theme='dark'], html[theme='light']";
const watched = [
  "class",
  "style",
  "theme",
  "data-theme",
  "data-jp-theme-light",
  "data-vscode-theme-kind",
];

/**
 * Tell a widget's styles, until the signal says stop, what colour the page paints behind it: light or dark.
 *
 * A page's theme need not be the system's, nor say `color-scheme`; text of the wrong one cannot be read.
 */
export function seeBehind(el: HTMLElement, signal: AbortSignal): void {
  const look = () => {
    const colour = el.ownerDocument.querySelector(known) ? null : paintedBehind(el);
    if (colour === null) {
      delete el.dataset.xcnnBehind;
      el.style.removeProperty("--xcnn-behind");
      return;
    }
    const scheme = luminance(colour) > 0.18 ? "light" : "dark";
    if (el.dataset.xcnnBehind !== scheme) el.dataset.xcnnBehind = scheme;
    el.style.setProperty("--xcnn-behind", `rgb(${colour.join(" ")})`);
  };
  const page = el.ownerDocument;
  const changes = new MutationObserver(look);
  for (const root of [page.documentElement, page.body]) {
    changes.observe(root, { attributes: true, attributeFilter: watched });
  }
  const system = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
  system?.addEventListener("change", look, { signal });
  // Colours may come a moment after their names, and a host may attach what it has drawn later.
  page.addEventListener("transitionend", look, { signal });
  const arrived = () => {
    if (signal.aborted) return;
    if (el.isConnected) look();
    else requestAnimationFrame(arrived);
  };
  arrived();
  signal.addEventListener("abort", () => changes.disconnect(), { once: true });
}

type Colour = readonly [number, number, number];

/** What is painted behind an element, through shadow roots up to the page's own canvas. */
function paintedBehind(el: HTMLElement): Colour {
  const layers: string[] = [];
  for (let at: Element | null = el; at; at = above(at)) {
    layers.unshift(getComputedStyle(at).backgroundColor);
  }
  const dark =
    getComputedStyle(el.ownerDocument.documentElement).colorScheme.includes("dark") &&
    globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches;
  return layers.reduce<Colour>(over, dark ? [18, 18, 18] : [255, 255, 255]);
}

function above(element: Element): Element | null {
  if (element.assignedSlot) return element.assignedSlot;
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** One colour painted over another; the browser reads whatever CSS can write. */
function over(below: Colour, colour: string): Colour {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) return below;
  for (const paint of [`rgb(${below.join(" ")})`, colour]) {
    context.fillStyle = paint;
    context.fillRect(0, 0, 1, 1);
  }
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** WCAG's relative luminance, 0 to 1. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
