// @vitest-environment jsdom
import { expect, test } from "vitest";
import { choiceSelect } from "../../src/controls/choice_select";
import { classRadios } from "../../src/controls/class_radios";
import { layerChoice } from "../../src/controls/layer_choice";
import { lookSlider } from "../../src/controls/look_slider";
import { pixelOption } from "../../src/controls/pixel_option";
import { readingChoice } from "../../src/controls/reading_choice";

const { signal } = new AbortController();
const layers = [
  { name: "layer1", shape: [64, 12, 8] },
  { name: "layer2", shape: [128, 6, 4] },
];

function find<K extends keyof HTMLElementTagNameMap>(root: Element, tag: K, at = 0) {
  return root.querySelectorAll(tag)[at] as HTMLElementTagNameMap[K];
}

function enter(input: HTMLInputElement, value: string, event: "input" | "change"): void {
  input.value = value;
  input.dispatchEvent(new Event(event));
}

test("a dropdown has a label and keeps its options while they stay the same", () => {
  const select = choiceSelect({ label: "Method", hook: "method", choose: () => {}, signal });
  select.show({ choices: [{ value: "a", label: "A" }], value: "a" });
  const option = find(select.element, "option");
  select.show({ choices: [{ value: "a", label: "A" }], value: "a" });
  expect(find(select.element, "option")).toBe(option);
  expect(find(select.element, "select").labels?.[0]?.textContent).toBe("Method");
});

test("the depth slider names the layer and its shape, and tells every step of a drag", () => {
  const chosen: string[] = [];
  const control = layerChoice((layer) => chosen.push(layer), signal);
  control.show({ layers, layer: "layer1", unused: "" });
  const slider = find(control.element, "input");
  expect(slider.getAttribute("aria-valuetext")).toBe("layer1: 64 × 12 × 8, layer 1 of 2");
  enter(slider, "1", "input");
  expect(chosen).toEqual(["layer2"]);
});

test("a drag that stays on the layer tells nothing", () => {
  const chosen: string[] = [];
  const control = layerChoice((layer) => chosen.push(layer), signal);
  control.show({ layers, layer: "layer2", unused: "" });
  enter(find(control.element, "input"), "1", "input");
  expect(chosen).toEqual([]);
});

test("where a method uses no layer, both layer controls are off and it is said why", () => {
  const control = layerChoice(() => {}, signal);
  control.show({ layers, layer: "layer1", unused: "Saliency uses no layer." });
  expect(find(control.element, "select").disabled).toBe(true);
  expect(find(control.element, "input").disabled).toBe(true);
  expect(control.element.textContent).toContain("Saliency uses no layer.");
});

test("a number of pixels is held between 1 and the picture's shorter side", () => {
  const entered: number[] = [];
  const option = pixelOption({
    label: "Patch",
    hook: "patch",
    change: (pixels) => entered.push(pixels),
    signal,
  });
  option.show({ value: 32, max: 160 });
  const input = find(option.element, "input");
  for (const value of ["48", "999", "0", "", "32"]) enter(input, value, "change");
  expect(entered).toEqual([48, 160, 1]);
  expect(input.value).toBe("32");
});

test("a slider of the look tells its share and shows it in percent", () => {
  const values: number[] = [];
  const slider = lookSlider({
    label: "Opacity",
    hook: "opacity",
    change: (value) => values.push(value),
    signal,
  });
  slider.show({ value: 0.5, disabled: false });
  enter(find(slider.element, "input"), "0.25", "input");
  expect(values).toEqual([0.25]);
  expect(find(slider.element, "output").textContent).toBe("50%");
});

const predictions = [
  { index: 4, name: "Egyptian cat", probability: 0.7 },
  { index: 2, name: "<i>tabby</i>", probability: 0.2 },
];

test("the first class follows the prediction, the others are explained by index", () => {
  const chosen: (number | null)[] = [];
  const radios = classRadios((target) => chosen.push(target), signal);
  document.body.replaceChildren(radios.element);
  radios.show({ predictions, target: null, other: null, hasWinner: true });
  const inputs = [...radios.element.querySelectorAll("input")];
  expect(inputs.map((input) => input.checked)).toEqual([true, false, false]);
  inputs[2]?.click();
  inputs[0]?.click();
  expect(chosen).toEqual([2, null]);
  expect(radios.element.querySelector("i")).toBeNull();
  expect(radios.element.textContent).toContain("<i>tabby</i>20.0%");
});

test("a class outside the top ones has a row of its own, and only while it is explained", () => {
  const radios = classRadios(() => {}, signal);
  radios.show({ predictions, target: 9, other: { name: "moped" }, hasWinner: true });
  const rows = () => [...radios.element.querySelectorAll("label")].map((row) => row.textContent);
  expect(rows().at(-1)).toBe("moped");
  expect(radios.element.querySelector<HTMLInputElement>(":checked")?.value).toBe("9");
  radios.show({ predictions, target: 4, other: null, hasWinner: true });
  expect(rows()).toHaveLength(3);
});

test("a new prediction keeps the elements, so that the focus stays where it was", () => {
  const radios = classRadios(() => {}, signal);
  radios.show({ predictions, target: 4, other: null, hasWinner: true });
  const before = [...radios.element.querySelectorAll("input")];
  radios.show({ predictions: [...predictions].reverse(), target: 4, other: null, hasWinner: true });
  expect([...radios.element.querySelectorAll("input")]).toEqual(before);
  expect(before.map((input) => input.checked)).toEqual([false, false, true]);
});

test("where no class holds alone, none is followed, and values stand beside bars of their own scale", () => {
  const radios = classRadios(() => {}, signal);
  const scores = [
    { index: 0, name: "age", value: 57.3 },
    { index: 1, name: "height", value: -12 },
  ];
  radios.show({ predictions: scores, target: 1, other: null, hasWinner: false });
  const rows = [...radios.element.querySelectorAll("label")];
  expect(rows.map((row) => row.textContent)).toEqual(["age57.3", "height-12.0"]);
  const filled = rows.map((row) =>
    Number(row.querySelector<HTMLElement>(".xcnn-bar")?.style.getPropertyValue("--share")),
  );
  expect(filled[0]).toBe(1);
  expect(filled[1]).toBeCloseTo(12 / 57.3);
});

test("how scores are read stands in words, with a switch only where there is a choice", () => {
  const chosen: string[] = [];
  const reading = readingChoice((activation) => chosen.push(activation), signal);
  const told = { activation: "softmax", has_winner: true, why: "one choice" } as const;
  reading.show({ ...told, choices: ["softmax", "sigmoid", "none"] });
  const select = find(reading.element, "select");
  expect(select.value).toBe("softmax");
  select.value = "none";
  select.dispatchEvent(new Event("change"));
  expect(chosen).toEqual(["none"]);
  expect(find(reading.element, "p").textContent).toBe("One choice.");
  reading.show({ ...told, choices: ["softmax"] });
  expect(reading.element.querySelector<HTMLElement>(".xcnn-row")?.hidden).toBe(true);
});
