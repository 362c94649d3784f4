// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { imageStrip } from "../../src/controls/image_strip";
import { Platform } from "../platform";

let chosen: number[];
let platform: Platform;
let strip: ReturnType<typeof imageStrip>;
let controller: AbortController;

beforeEach(() => {
  chosen = [];
  platform = new Platform();
  platform.install();
  controller = new AbortController();
  strip = imageStrip((index) => chosen.push(index), controller.signal);
  document.body.replaceChildren(strip.element);
});

const images = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `picture ${i}` }));
const list = () => strip.element.querySelector("[role=listbox]") as HTMLElement;
const options = () => [...strip.element.querySelectorAll<HTMLElement>("[role=option]")];
const press = (key: string) => list().dispatchEvent(new KeyboardEvent("keydown", { key }));

test("one picture needs no strip", () => {
  strip.show({ images: images(1), thumbnails: [], index: 0 });
  expect(strip.element.hidden).toBe(true);
});

test("only the chosen picture is a tab stop, and it is the selected one", () => {
  strip.show({ images: images(3), thumbnails: [], index: 1 });
  expect(options().map((option) => option.tabIndex)).toEqual([-1, 0, -1]);
  expect(options().map((option) => option.getAttribute("aria-selected"))).toEqual([
    "false",
    "true",
    "false",
  ]);
  expect(options()[1]?.getAttribute("aria-label")).toBe("picture 1");
});

test("the arrow keys, Home and End choose, and stop at the ends", () => {
  strip.show({ images: images(5), thumbnails: [], index: 3 });
  for (const key of ["ArrowRight", "ArrowLeft", "Home", "End"]) press(key);
  strip.show({ images: images(5), thumbnails: [], index: 4 });
  press("ArrowRight");
  expect(chosen).toEqual([4, 2, 0, 4]);
});

test("the focus follows the chosen picture", () => {
  strip.show({ images: images(3), thumbnails: [], index: 0 });
  options()[0]?.focus();
  strip.show({ images: images(3), thumbnails: [], index: 2 });
  expect(document.activeElement).toBe(options()[2]);
});

test("thumbnails appear as they arrive, without new elements", () => {
  const state = { images: images(3), index: 0 };
  strip.show({ ...state, thumbnails: [Uint8Array.of(1), null, null] });
  const before = options();
  const sources = () => options().map((option) => option.querySelector("img")?.hasAttribute("src"));
  expect(sources()).toEqual([true, false, false]);
  const first = options()[0]?.querySelector("img")?.src;
  strip.show({ ...state, thumbnails: [Uint8Array.of(1), null, Uint8Array.of(2)] });
  expect(sources()).toEqual([true, false, true]);
  expect(options()[0]?.querySelector("img")?.src).toBe(first);
  expect(options()).toEqual(before);
});

test("of ten thousand pictures a few around the chosen one are drawn", () => {
  const many = images(10_000);
  strip.show({ images: many, thumbnails: [], index: 0 });
  strip.show({ images: many, thumbnails: [], index: 5000 });
  expect(options().length).toBeLessThan(30);
  const chosenOption = options().find((option) => option.tabIndex === 0);
  expect(chosenOption?.getAttribute("aria-posinset")).toBe("5001");
  expect(chosenOption?.getAttribute("aria-setsize")).toBe("10000");
  strip.show({ images: many, thumbnails: [], index: 9999 });
  expect(options().at(-1)?.getAttribute("aria-label")).toBe("picture 9999");
});

test("a position is typed, the previous and the next have buttons", () => {
  strip.show({ images: images(10_000), thumbnails: [], index: 41 });
  const position = strip.element.querySelector("input") as HTMLInputElement;
  const [previous, next] = strip.element.querySelectorAll("button");
  previous?.click();
  next?.click();
  position.value = "7000";
  position.dispatchEvent(new Event("change"));
  position.value = "123456";
  position.dispatchEvent(new Event("change"));
  position.value = "";
  position.dispatchEvent(new Event("change"));
  expect(chosen).toEqual([40, 42, 6999, 9999]);
  expect(position.value).toBe("42");
});

test("addresses of thumbnails are given back when they go out of sight and at the end", () => {
  const many = images(1000);
  const thumbnails = many.map(() => Uint8Array.of(1));
  for (const index of [0, 500, 999]) strip.show({ images: many, thumbnails, index });
  expect(platform.addresses.size).toBe(options().length);
  controller.abort();
  expect(platform.addresses.size).toBe(0);
});

test("of many pictures those in sight are drawn and asked for, once the strip rests", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const asked: number[][] = [];
  const wide = imageStrip(
    () => undefined,
    controller.signal,
    (first, last) => asked.push([first, last]),
  );
  document.body.replaceChildren(wide.element);
  const row = wide.element.querySelector("[role=listbox]") as HTMLElement;
  Object.defineProperty(row, "clientWidth", { value: 580 });
  const kept = new Map<number, Uint8Array>();
  const thumbnails = { at: (index: number) => kept.get(index) ?? null };
  const state = { images: images(10_000), thumbnails, index: 5000 };
  wide.show(state);
  const positions = () =>
    [...row.querySelectorAll("[role=option]")].map((o) => Number(o.getAttribute("aria-posinset")));
  expect(positions()).toContain(5001);
  expect(row.scrollLeft).toBeGreaterThan(5000 * 58 - 580);
  vi.runOnlyPendingTimers();
  expect(asked).toHaveLength(1);
  const [first = 0, last = 0] = asked[0] ?? [];
  expect([first < 5000, last > 5000, last - first < 40]).toEqual([true, true, true]);
  for (let at = first; at < last; at++) kept.set(at, Uint8Array.of(1));
  wide.show(state);
  vi.runOnlyPendingTimers();
  expect(asked).toHaveLength(1);

  row.scrollLeft = 58 * 100;
  row.dispatchEvent(new Event("scroll"));
  vi.useRealTimers();
  await platform.frame();
  expect(positions()[8]).toBe(101);
  // The chosen one stays where Tab finds it, and the strip where the hand left it.
  expect(positions().at(-1)).toBe(5001);
  wide.show(state);
  expect(row.scrollLeft).toBe(58 * 100);
});
