// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import brush from "../../src/brush";
import type { Traits } from "../../src/brush/traits";
import { FakeModel } from "../fake_model";
import { NestingManager } from "../nesting_manager";
import { Platform } from "../platform";
import { brushTraits, bytes } from "./traits";

let platform: Platform;
let canvas: HTMLCanvasElement & { comm_live?: boolean };

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
  canvas = document.createElement("canvas");
});

async function open(traits: Partial<Traits> = {}, more: object | null = { kernel: {} }) {
  const nesting = new NestingManager({ canvas1: canvas });
  const manager = more === null ? undefined : Object.assign(nesting, more);
  const model = new FakeModel<Traits>({ ...brushTraits(), ...traits }, manager);
  const el = document.body.appendChild(document.createElement("div"));
  const close = brush.render({ model, el });
  await nesting.settled();
  const one = <E extends Element = HTMLElement>(selector: string) => {
    const found = el.querySelector<E>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  };
  return { model, el, close, nesting, one };
}

const challenge: Traits["challenge"] = {
  verdict: "Bring cat from 90.0% below 50%",
  start: 0.9,
  hidden: null,
  rivals: [],
  best: null,
};
const attempt = { picture: bytes(2, 3, 4), label: "−85.1", sentence: "Return to 8.0% of cat" };

test("a class is watched by its bar, found by its name, or left to the model", async () => {
  const { model, el, one } = await open();
  const options = [...el.querySelectorAll<HTMLElement>('[data-xcnn="class-option"]')];
  expect(options.map((each) => each.querySelector(".xcnn-class-name")?.textContent)).toEqual([
    "Predicted class",
    "cat",
    "dog",
  ]);
  expect(options.map((each) => each.classList.contains("xcnn-watched"))).toEqual([
    false,
    true,
    false,
  ]);
  options[2]?.querySelector("input")?.click();
  expect(model.saved).toEqual([{ target: 5 }]);
  expect(one('[data-xcnn="class-search"]')).toBeTruthy();
  const rows = [{ index: 3, name: "<b>", before: 0.9, after: 0.1, text: "90%", moved: "−80.0" }];
  model.receive({ answer: { rows, target: 3, in_points: true } });
  expect(one(".xcnn-watched .xcnn-class-name").textContent).toBe("<b>");
  expect(one(".xcnn-watched .xcnn-bar").style.getPropertyValue("--share")).toBe("0.1");
  expect(one(".xcnn-watched .xcnn-was").style.getPropertyValue("--share")).toBe("0.9");
});

test("buttons ask for what is not said yet, and what was asked for before stays in the message", async () => {
  const { model, one } = await open({ _steps: [true, false] });
  const button = (name: string) => one<HTMLButtonElement>(`[data-xcnn="${name}"]`);
  expect([button("undo").disabled, button("redo").disabled]).toEqual([false, true]);
  button("undo").click();
  button("invert").click();
  button("paint-map").click();
  expect(model.get("_wanted")).toEqual([
    [1, "undo"],
    [2, "invert"],
    [3, "paint_map"],
  ]);
  for (let i = 0; i < 20; i++) button("clear").click();
  expect(model.get("_wanted").length).toBeLessThan(12);
  expect(model.get("_wanted").at(-1)).toEqual([23, "clear"]);
});

test("an attempt returns to itself, and its place is there before the first one", async () => {
  const { model, el, one } = await open();
  expect(one(".xcnn-attempts").textContent).toContain("a click returns to it");
  model.receive({
    history: [
      { ...attempt, position: 7 },
      { ...attempt, position: 6 },
    ],
  });
  const buttons = [...el.querySelectorAll<HTMLButtonElement>('[data-xcnn="attempt"]')];
  expect(buttons.map((each) => each.getAttribute("aria-label"))).toEqual([
    attempt.sentence,
    attempt.sentence,
  ]);
  buttons[1]?.click();
  expect(model.saved).toEqual([{ _wanted: [[1, "return_to", 6]] }]);
});

test("the challenge begins in Python, and its goal stays below where the class starts", async () => {
  const { model, one } = await open();
  const group = one(".xcnn-challenge");
  const play = one<HTMLButtonElement>('[data-xcnn="challenge"]');
  expect([group.hidden, play.getAttribute("aria-pressed")]).toEqual([true, "false"]);
  play.click();
  expect(model.saved).toEqual([{ _wanted: [[1, "begin_challenge"]] }]);
  model.receive({ goal: 0.2, challenge: { ...challenge, start: 0.323 } });
  expect([group.hidden, play.getAttribute("aria-pressed")]).toEqual([false, "true"]);
  const slider = one<HTMLInputElement>('[data-xcnn="goal"]');
  expect([Number(slider.max), slider.getAttribute("aria-valuetext")]).toEqual([0.32, "20%"]);
  const rows = [...group.querySelectorAll("tr")].map((row) => row.textContent);
  expect(rows).toEqual(["you–", "Grad-CAM–", "chance–"]);
  const rivals = ["you", "Grad-CAM", "chance"].map((name) => ({ name, after: 0.1, text: "10.0%" }));
  model.receive({ challenge: { ...challenge, hidden: "8.0%", rivals, best: "Your best: 8.0%" } });
  expect(group.textContent).toContain("8.0%, hidden by");
  expect(group.querySelectorAll("tr")[0]?.textContent).toBe("you10.0%");
  play.click();
  expect(model.saved.at(-1)).toEqual({ goal: null });
});

test("a model whose numbers are no probabilities has no challenge", async () => {
  const reading = { ...brushTraits()._reading, activation: "none" as const };
  const { one } = await open({ _reading: reading });
  expect(one('[data-xcnn="challenge"]').hidden).toBe(true);
});

test("without its kernel it is the picture as it stood, what was said, and one sentence", async () => {
  const { model, el, one, nesting } = await open({ history: [{ ...attempt, position: 0 }] });
  expect(nesting.standing).toBe(1);
  canvas.comm_live = false;
  model.receive({ _covering: bytes(20, 30, 9) });
  model.tell("comm_live_update");
  await nesting.settled();
  expect(nesting.standing).toBe(0);
  expect(one(".xcnn-standing").textContent).toBe("Run the cell again to go on.");
  const images = [...el.querySelectorAll("img")];
  expect(images.map((image) => [image.hidden, image.src.startsWith("blob:")])).toEqual([
    [false, true],
    [false, true],
  ]);
  expect(images[0]?.alt).toBe(model.get("status"));
  expect(el.textContent).toContain("90.0% → 90.0%");
  expect(el.querySelector("input:not([hidden] *), button, select")).toBeNull();
});

test.each([
  ["a page without a kernel", {}, "Painting needs a running kernel."],
  ["a notebook without one", { kernel: null }, "Run the cell again to go on."],
])("%s says so from the start", async (_, manager, words) => {
  canvas.comm_live = false;
  const { one } = await open({}, manager);
  expect(one(".xcnn-standing").textContent).toBe(words);
});

test("a canvas that the page knows nothing of is as good as none", async () => {
  const { one } = await open({}, { get_model: () => Promise.reject(new Error("not found")) });
  expect(one(".xcnn-standing").textContent).toBe("Painting needs a running kernel.");
});

test("a page that cannot draw one widget in another says so", async () => {
  const { el, one } = await open({}, null);
  expect(one(".xcnn-standing").textContent).toContain("cannot draw the brush's canvas");
  expect(el.querySelectorAll("img")).toHaveLength(2);
});

test("it leaves no address and no listener behind", async () => {
  const { model, close } = await open({ history: [{ ...attempt, position: 0 }] });
  expect(platform.addresses.size).toBeGreaterThan(0);
  close();
  expect([platform.addresses.size, model.listenerCount]).toEqual([0, 0]);
});
