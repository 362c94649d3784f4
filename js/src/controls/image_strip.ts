import { type Bytes, bytesOf } from "../pixels/decode";
import type { Control } from "./control";
import { element, setText } from "./element";
import { countText } from "./number_text";
import { oncePerFrame } from "./once_per_frame";
import { isMany, pitch, scrolledTo, stripWindow } from "./strip_window";

interface Shown {
  readonly images: readonly { readonly name: string }[];
  /** By position; nothing for one that is not there yet. */
  readonly thumbnails: { at(index: number): Bytes | null | undefined };
  readonly index: number;
}

/** Asked for those in sight, from the first to before the last. */
export type Want = (first: number, last: number) => void;

/** A strip that still moves asks for nothing; milliseconds. */
const rest = 80;

interface Thumbnail {
  readonly option: HTMLElement;
  readonly image: HTMLImageElement;
  bytes: Bytes | null;
  url: string;
}

/**
 * The pictures as a row of thumbnails, chosen with the arrow keys. Of very many only those in sight are drawn, and asked
 * for as they come there, with buttons for the previous and the next and a box for the position.
 */
export function imageStrip(
  choose: (index: number) => void,
  signal: AbortSignal,
  want: Want = () => undefined,
): Control<Shown> {
  const list = element("div", {
    class: "xcnn-thumbnails",
    role: "listbox",
    "aria-label": "Pictures",
    "aria-orientation": "horizontal",
    "data-xcnn": "image-strip",
  });
  const title = element("span", { class: "xcnn-strip-title" });
  const position = element("input", { type: "number", min: 1, "aria-label": "Picture number" });
  const previous = element("button", { type: "button", "aria-label": "Previous picture" }, "‹");
  const next = element("button", { type: "button", "aria-label": "Next picture" }, "›");
  const stepper = element("span", { class: "xcnn-stepper" }, previous, position, next);
  const strip = element(
    "div",
    { class: "xcnn-strip", hidden: true },
    element("div", { class: "xcnn-strip-head" }, title, stepper),
    list,
  );
  const drawn = new Map<number, Thumbnail>();
  const sizer = element("span", { class: "xcnn-sizer", "aria-hidden": "true" });
  let shown: Shown = { images: [], thumbnails: [], index: 0 };
  let centred = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const sight = () => ({ left: list.scrollLeft, width: list.clientWidth });
  const ask = () => {
    const { images, thumbnails } = shown;
    if (!isMany(images.length) || list.clientWidth === 0) return;
    const missing = stripWindow(images.length, sight()).filter((at) => !thumbnails.at(at));
    const [first] = missing;
    if (first !== undefined) want(first, (missing.at(-1) ?? first) + 1);
  };
  const draw = () => {
    const { images, thumbnails, index } = shown;
    const many = isMany(images.length);
    const indices = stripWindow(images.length, sight());
    // The tab stop is always there.
    if (!indices.includes(index)) indices.push(index);
    indices.sort((a, b) => a - b);
    for (const [at, thumbnail] of drawn) {
      if (indices.includes(at)) continue;
      forget(thumbnail);
      drawn.delete(at);
    }
    for (const at of indices) {
      const thumbnail = drawn.get(at) ?? newThumbnail(at, images[at]?.name ?? "", images.length);
      drawn.set(at, thumbnail);
      paint(thumbnail, thumbnails.at(at) ?? null);
      thumbnail.option.setAttribute("aria-selected", String(at === index));
      thumbnail.option.tabIndex = at === index ? 0 : -1;
      if (many) thumbnail.option.style.left = `${pitch * at}px`;
    }
    list.classList.toggle("xcnn-many", many);
    sizer.style.width = `${pitch * images.length}px`;
    const options = indices.map((at) => drawn.get(at)?.option).filter(isElement);
    place(list, many ? [sizer, ...options] : options);
    if (!many) return;
    clearTimeout(timer);
    timer = setTimeout(ask, rest);
  };
  /** Bring the chosen one into sight, once for each choice: then the strip is where a hand leaves it. */
  const settle = () => {
    const { images, index } = shown;
    if (isMany(images.length)) {
      if (centred !== index && list.clientWidth > 0) {
        list.scrollLeft = scrolledTo(index, sight());
        centred = index;
      }
    } else {
      const chosen = drawn.get(index)?.option;
      if (chosen) centre(list, chosen);
    }
  };
  const scrolled = oncePerFrame(() => isMany(shown.images.length) && draw(), signal);
  list.addEventListener("scroll", scrolled, { passive: true, signal });
  if (typeof ResizeObserver !== "undefined") {
    const observer = new ResizeObserver(() => {
      settle();
      scrolled();
    });
    observer.observe(list);
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  const go = (index: number) => {
    const target = Math.min(shown.images.length - 1, Math.max(0, index));
    if (Number.isFinite(target) && target !== shown.index) choose(target);
  };
  const keys: Readonly<Record<string, () => number>> = {
    ArrowRight: () => shown.index + 1,
    ArrowDown: () => shown.index + 1,
    ArrowLeft: () => shown.index - 1,
    ArrowUp: () => shown.index - 1,
    PageDown: () => shown.index + 10,
    PageUp: () => shown.index - 10,
    Home: () => 0,
    End: () => shown.images.length - 1,
  };
  list.addEventListener(
    "keydown",
    (event) => {
      const aim = keys[event.key];
      if (!aim) return;
      event.preventDefault();
      event.stopPropagation();
      go(aim());
    },
    { signal },
  );
  list.addEventListener(
    "click",
    (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) go(Number(option.dataset.index));
    },
    { signal },
  );
  previous.addEventListener("click", () => go(shown.index - 1), { signal });
  next.addEventListener("click", () => go(shown.index + 1), { signal });
  position.addEventListener(
    "change",
    () => {
      go(Math.round(position.valueAsNumber) - 1);
      position.value = String(shown.index + 1);
    },
    { signal },
  );
  signal.addEventListener("abort", () => drawn.forEach(forget), { once: true });

  return {
    element: strip,
    show(state) {
      const others = state.images !== shown.images;
      shown = state;
      const { images, index } = state;
      strip.hidden = images.length < 2;
      stepper.hidden = !isMany(images.length);
      setText(title, `Picture ${countText(index + 1)} of ${countText(images.length)}`);
      title.append(element("span", { class: "xcnn-strip-name" }, images[index]?.name ?? ""));
      position.max = String(images.length);
      position.value = String(index + 1);
      previous.disabled = index <= 0;
      next.disabled = index >= images.length - 1;
      if (images.length < 2) return;

      if (others) {
        for (const thumbnail of drawn.values()) forget(thumbnail);
        drawn.clear();
        centred = -1;
      }
      draw();
      settle();
      if (isMany(images.length)) draw();
    },
  };
}

function newThumbnail(index: number, name: string, count: number): Thumbnail {
  const image = element("img", { alt: "", draggable: "false" });
  const option = element(
    "div",
    {
      role: "option",
      "aria-label": name,
      "aria-posinset": index + 1,
      "aria-setsize": count,
      "data-index": index,
      title: name,
    },
    image,
  );
  return { option, image, bytes: null, url: "" };
}

function paint(thumbnail: Thumbnail, bytes: Bytes | null): void {
  if (sameBytes(bytes, thumbnail.bytes)) return;
  forget(thumbnail);
  thumbnail.bytes = bytes;
  if (!bytes) return;
  thumbnail.url = URL.createObjectURL(new Blob([bytesOf(bytes)]));
  thumbnail.image.src = thumbnail.url;
}

/** A list that has grown comes as a whole, with new views of bytes that are already drawn. */
function sameBytes(one: Bytes | null, other: Bytes | null): boolean {
  if (one === other) return true;
  if (!one || !other || one.byteLength !== other.byteLength) return false;
  const others = bytesOf(other);
  return bytesOf(one).every((byte, i) => byte === others[i]);
}

function forget(thumbnail: Thumbnail): void {
  if (thumbnail.url) URL.revokeObjectURL(thumbnail.url);
  thumbnail.url = "";
  thumbnail.image.removeAttribute("src");
}

/** Put the options in the list without taking the focus away from the one that has it. */
function place(list: HTMLElement, options: readonly HTMLElement[]): void {
  const focused = list.contains(document.activeElement);
  if (options.length !== list.children.length || options.some((o, i) => o !== list.children[i])) {
    list.replaceChildren(...options);
  }
  if (focused) list.querySelector<HTMLElement>("[tabindex='0']")?.focus({ preventScroll: true });
}

function centre(list: HTMLElement, option: HTMLElement): void {
  const above = option.offsetLeft - list.scrollLeft;
  if (above < 0 || above + option.offsetWidth > list.clientWidth) {
    list.scrollLeft = option.offsetLeft - (list.clientWidth - option.offsetWidth) / 2;
  }
}

function isElement(option: HTMLElement | undefined): option is HTMLElement {
  return option !== undefined;
}
