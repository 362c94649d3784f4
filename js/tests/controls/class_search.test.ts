// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { classSearch } from "../../src/controls/class_search";

const names = ["tench", "Egyptian cat", "tiger cat", "cougar", "<b>cat</b>"];
let chosen: number[];
let input: HTMLInputElement;
let search: ReturnType<typeof classSearch>;
let controller: AbortController;

beforeEach(() => {
  chosen = [];
  controller = new AbortController();
  search = classSearch((target) => chosen.push(target), controller.signal);
  search.show(names);
  document.body.replaceChildren(search.element);
  input = search.element.querySelector("input") as HTMLInputElement;
});

const options = () => [...search.element.querySelectorAll("[role=option]")];
const texts = () => options().map((option) => option.firstElementChild?.textContent);
const message = () => search.element.querySelector("[role=status]")?.textContent;
const active = () =>
  options().findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));

function type(text: string): void {
  input.value = text;
  input.dispatchEvent(new Event("input"));
}

function press(key: string): void {
  input.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
}

test("any part of a name is found, in any case, with its index", () => {
  type("CAT");
  expect(texts()).toEqual(["Egyptian cat", "tiger cat", "<b>cat</b>"]);
  expect(options().map((option) => option.lastElementChild?.textContent)).toEqual(["1", "2", "4"]);
  expect(input.getAttribute("aria-expanded")).toBe("true");
});

test("a name with tags in it is text", () => {
  type("<b>");
  expect(texts()).toEqual(["<b>cat</b>"]);
  expect(search.element.querySelector("b")).toBeNull();
});

test("an index finds its class", () => {
  type("3");
  expect(texts()).toEqual(["cougar"]);
});

test("the arrow keys go round the list and Enter takes what they point at", () => {
  type("cat");
  expect(active()).toBe(0);
  press("ArrowDown");
  press("ArrowDown");
  expect(active()).toBe(2);
  press("ArrowDown");
  expect(active()).toBe(0);
  press("ArrowUp");
  press("Enter");
  expect(chosen).toEqual([4]);
  expect(input.value).toBe("");
  expect(options()).toEqual([]);
});

test("a click takes an option", () => {
  type("tig");
  (options()[0] as HTMLElement).click();
  expect(chosen).toEqual([2]);
});

test("the first Escape closes the list and keeps the text, the second clears it", () => {
  type("cat");
  press("Escape");
  expect([input.value, input.getAttribute("aria-expanded")]).toEqual(["cat", "false"]);
  press("Escape");
  expect(input.value).toBe("");
  press("Enter");
  expect(chosen).toEqual([]);
});

test("where nothing is found, it says so and Enter does nothing", () => {
  type("zebra");
  expect(message()).toBe("No class matches “zebra”.");
  expect(input.getAttribute("aria-expanded")).toBe("false");
  press("Enter");
  expect(chosen).toEqual([]);
});

test("of very many matches fifty are drawn, and how many there are is said", () => {
  search.show(Array.from({ length: 21843 }, (_, i) => `made-up ${i}`));
  type("made-up");
  expect(options().length).toBe(50);
  expect(message()).toBe("The first 50 of 21,843; type more to narrow.");
});

test("without class names an index can be entered", () => {
  search.show([]);
  type("cat");
  expect(message()).toBe("This model has no class names: enter a class index.");
  type("17");
  press("Enter");
  expect(chosen).toEqual([17]);
});
