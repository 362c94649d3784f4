import { element, setText, uniqueId } from "../controls/element";
import { countText } from "../controls/number_text";
import { type Bar, barsOf, binsABar, countsText, isPressed, joined } from "./bars";
import type { RangeWords } from "./range_words";
import type { Histogram, Span } from "./ranges";

/** The least width of a bar under a mouse and under a finger, in pixels. */
const [underMouse, underFinger] = [8, 44];

interface Shown {
  readonly title: string;
  readonly words: RangeWords;
  readonly counted: Histogram;
  /** The range that is shown; null where all are. */
  readonly span: Span | null;
}

/** How numbers of pictures are spread: bars that are pressed to see only their pictures. */
export function histogram(
  hook: string,
  choose: (span: Span | null) => void,
  signal: AbortSignal,
): { readonly element: HTMLElement; show(shown: Shown): void } {
  const id = uniqueId("histogram");
  const title = element("span", { id });
  const most = element("span", { class: "xcnn-hint" });
  const row = element("div", {
    class: "xcnn-bars",
    role: "group",
    "aria-labelledby": id,
    "data-xcnn": hook,
  });
  const [low, high] = [element("span"), element("span")];
  const figure = element(
    "figure",
    { class: "xcnn-histogram" },
    element("figcaption", {}, title, most),
    row,
    element("div", { class: "xcnn-bar-ends xcnn-hint", "aria-hidden": "true" }, low, high),
  );
  let shown: Shown | null = null;
  let drawn = "";
  let bars: readonly (readonly [Bar, HTMLButtonElement])[] = [];

  const go = (place: number, focus: boolean) => {
    for (const [, one] of bars) one.tabIndex = -1;
    const button = bars[place]?.[1];
    if (!button) return;
    button.tabIndex = 0;
    if (focus) button.focus();
  };
  const press = ({ span }: Bar, further: boolean) => {
    const now = shown?.span ?? null;
    if (further && now) choose(joined(now, span));
    else choose(isPressed(span, now) ? null : span);
  };
  row.addEventListener(
    "keydown",
    (event) => {
      const at = bars.findIndex(([, button]) => button === event.target);
      const last = bars.length - 1;
      const places: Readonly<Record<string, number>> = {
        ArrowLeft: Math.max(0, at - 1),
        ArrowRight: Math.min(last, at + 1),
        Home: 0,
        End: last,
      };
      const place = places[event.key];
      if (at < 0 || place === undefined) return;
      go(place, true);
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );

  const lay = ({ counted, words }: Shown, bins: number) => {
    const all = barsOf(counted, bins);
    const edges = words.texts(counted.edges);
    const greatest = Math.max(...all.map(({ count }) => count));
    const made: [Bar, HTMLButtonElement][] = [];
    const columns = all.map((bar, place) => {
      if (bar.count === 0) return element("span");
      const range = `${edges[place * bins]} to ${edges[(place + 1) * bins]}`;
      const button = column(bar, `${words.what} ${range}`, greatest);
      button.addEventListener("click", (event) => press(bar, event.shiftKey), { signal });
      button.addEventListener(
        "focus",
        () =>
          go(
            made.findIndex(([one]) => one === bar),
            false,
          ),
        {
          signal,
        },
      );
      made.push([bar, button]);
      return button;
    });
    bars = made;
    row.replaceChildren(...columns);
    setText(most, `tallest: ${countText(greatest)}`);
    setText(low, edges[0] ?? "");
    setText(high, edges.length > 1 && edges[0] !== edges.at(-1) ? (edges.at(-1) ?? "") : "");
    const pressed = made.findIndex(([{ span }]) => isPressed(span, shown?.span ?? null));
    go(Math.max(0, pressed), false);
  };
  const draw = () => {
    if (!shown) return;
    const bins = binsABar(shown.counted.counts.length, row.clientWidth, leastWidth());
    const known = JSON.stringify([shown.counted, shown.words.what, row.clientWidth > 0 ? bins : 1]);
    if (known !== drawn) lay(shown, row.clientWidth > 0 ? bins : 1);
    drawn = known;
    setText(title, shown.title);
    row.dataset.filtered = String(shown.span !== null);
    for (const [{ span }, button] of bars) {
      button.setAttribute("aria-pressed", String(isPressed(span, shown.span)));
    }
  };
  if (typeof ResizeObserver !== "undefined") {
    const observer = new ResizeObserver(draw);
    observer.observe(row);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  return {
    element: figure,
    show(next) {
      shown = next;
      draw();
    },
  };
}

function column(bar: Bar, range: string, greatest: number): HTMLButtonElement {
  const text = `${range}: ${countsText(bar.count, bar.wrong)}`;
  const filled = element("span", { class: "xcnn-bin" });
  filled.style.setProperty("--share", String(bar.count / greatest));
  if (bar.wrong) {
    const wrong = element("span", { class: "xcnn-bin-wrong" });
    wrong.style.setProperty("--share", String(bar.wrong / bar.count));
    filled.append(wrong);
  }
  return element(
    "button",
    { type: "button", tabindex: -1, "aria-label": text, title: text, "data-xcnn": "bar" },
    filled,
  );
}

function leastWidth(): number {
  const byTouch = typeof matchMedia !== "undefined" && matchMedia("(pointer: coarse)").matches;
  return byTouch ? underFinger : underMouse;
}
