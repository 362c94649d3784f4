// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import explainer from "../../../src/explainer";
import type { Beside } from "../../../src/explainer/beside/traits";
import type { Traits } from "../../../src/explainer/traits";
import { FakeModel } from "../../fake_model";
import { Platform } from "../../platform";
import { filledTraits, map, picture } from "../../traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

const cat = (probability: number) => ({ index: 4, name: "Egyptian cat", probability });
const lynx = (probability: number) => ({ index: 5, name: "lynx", probability });

function beside(changes: Partial<Beside> = {}): Beside {
  return {
    model: "after",
    // On true values from -1 to 7, twice those of the first.
    map: map(0, { range: [-1, 7] }),
    picture: null,
    why_not: "",
    why_no_difference: "",
    changed_mind: true,
    top: [cat(0.7), lynx(0.6)],
    changes: [
      { name: "lynx", index: 5, here: lynx(0.02), there: lynx(0.6) },
      {
        name: "tiger cat",
        index: 3,
        here: { index: 3, name: "tiger cat", probability: 0.05 },
        there: null,
      },
    ],
    ...changes,
  };
}

function open(traits: Partial<Traits> = {}) {
  const model = new FakeModel<Traits>({
    ...filledTraits(),
    model: "before",
    beside: "after",
    _models: { names: ["before", "after"], kind: "models" },
    _beside: beside(),
    ...traits,
  });
  const el = document.body.appendChild(document.createElement("div"));
  explainer.render({ model, el });
  const all = (hook: string) => [...el.querySelectorAll<HTMLElement>(`[data-xcnn="${hook}"]`)];
  const canvases = () => all("canvas") as HTMLCanvasElement[];
  return { model, el, all, canvases };
}

test("both maps are painted over their common range, and beside them their difference", async () => {
  const { canvases, el } = open();
  await platform.frame();
  expect(canvases().map((canvas) => canvas.dataset.pane)).toEqual([
    "overlay",
    "overlay",
    "difference",
  ]);
  const [one, other] = canvases() as [HTMLCanvasElement, HTMLCanvasElement];
  // At the right the first map has 3 on a range from -1 to 7: half of it; the second has all of it.
  const right = [one, other].map((canvas) => platform.pixel(canvas, 3, 0)?.[0]);
  expect(right).toEqual([114, 178]);
  expect([...el.querySelectorAll("figcaption")].map((caption) => caption.textContent)).toEqual([
    "before: Egyptian cat 70.0%",
    "after: lynx 60.0%",
    "after − before",
  ]);
  const bars = [...el.querySelectorAll('[data-xcnn="colourbar"]')];
  expect(bars.map((bar) => bar.getAttribute("aria-label"))).toEqual([
    "Colour bar: attribution from -4.00 to 4.00",
    "Colour bar: attribution from -1.00 to 7.00",
  ]);
});

test("the read-out tells what each map has at a pixel, and their difference", async () => {
  const { canvases, all } = open();
  await platform.frame();
  canvases()[2]?.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  expect(all("readout")[0]?.textContent).toBe(
    "x 3, y 3: before 3.00, after 7.00, difference +4.00",
  );
});

test("what both say stands in a table, and whether they are of one mind above it", async () => {
  const { model, all } = open();
  expect(all("verdict")[0]?.textContent).toBe(
    "They differ: before says Egyptian cat (70.0%), after says lynx (60.0%).",
  );
  const cells = [...(all("changes")[0]?.querySelectorAll("tbody tr") ?? [])].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  expect(cells).toEqual([
    ["lynx", "2.0%", "60.0%", "+58.0 points"],
    ["tiger cat", "5.0%", "–", ""],
  ]);
  model.receive({ _beside: beside({ changed_mind: false, top: [cat(0.7), cat(0.8)] }) });
  expect(all("verdict")[0]?.textContent).toBe("Both say Egyptian cat: before 70.0%, after 80.0%.");
});

test("where the maps cannot be subtracted it says why in the place of the difference", async () => {
  const why = "The models are given 6 x 4 and 3 x 2 pixels of the picture.";
  const { canvases, all } = open({
    _beside: beside({
      why_no_difference: why,
      picture: picture(0, 50, [3, 2]),
      map: map(0, { size: [3, 2] }),
    }),
  });
  await platform.frame();
  await platform.frame();
  expect(canvases().map(({ width, height }) => [height, width])).toEqual([
    [6, 4],
    [3, 2],
  ]);
  expect(all("no-difference")[0]?.textContent).toBe(why);
});

test("a model that has no such class says so, and the first stands alone on its own range", async () => {
  const why = "after has no class 'Egyptian cat'.";
  const { canvases, all } = open({
    _beside: beside({ map: null, why_not: why, why_no_difference: why }),
  });
  await platform.frame();
  expect(canvases()).toHaveLength(1);
  expect(all("no-difference")[0]?.textContent).toBe(why);
  expect(platform.pixel(canvases()[0] as HTMLCanvasElement, 3, 0)?.[0]).toBe(178);
});

test("model and neighbour are chosen by name, and the model itself is no neighbour", () => {
  const { model, all } = open();
  const [select, neighbour] = [all("model")[0], all("beside")[0]] as HTMLSelectElement[];
  expect([...(neighbour?.options ?? [])].map((option) => option.value)).toEqual(["", "after"]);
  if (select) select.value = "after";
  select?.dispatchEvent(new Event("change"));
  if (neighbour) neighbour.value = "";
  neighbour?.dispatchEvent(new Event("change"));
  expect([model.get("model"), model.get("beside"), model.saved.length]).toEqual(["after", null, 2]);
});

test("checkpoints are a slider whose value is said by name", () => {
  const { model, all } = open({
    model: "epoch2",
    beside: null,
    _beside: null,
    _models: { names: ["epoch1", "epoch2", "epoch10"], kind: "checkpoints" },
  });
  const slider = all("training")[0] as HTMLInputElement;
  expect([slider.max, slider.value, slider.getAttribute("aria-valuetext")]).toEqual([
    "2",
    "1",
    "epoch2",
  ]);
  slider.value = "2";
  slider.dispatchEvent(new Event("input"));
  expect(model.get("model")).toBe("epoch10");
});

test("a widget of one model offers no other", () => {
  const { el } = open({ model: null, beside: null, _models: {}, _beside: null });
  const groups = [...el.querySelectorAll(".xcnn-group:not([hidden]) > .xcnn-title")];
  expect(groups.map((title) => title.textContent)).toEqual(["Explain", "Class", "Look"]);
  expect(el.querySelector<HTMLElement>(".xcnn-two-minds")?.hidden).toBe(true);
});
