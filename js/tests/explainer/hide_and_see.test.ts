// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import explainer from "../../src/explainer";
import type { Traits } from "../../src/explainer/traits";
import { FakeModel } from "../fake_model";
import { NestingManager } from "../nesting_manager";
import { Platform } from "../platform";
import { filledTraits } from "../traits";

let brush: HTMLElement;
let manager: NestingManager;

beforeEach(() => {
  new Platform().install();
  document.body.replaceChildren();
  brush = document.createElement("div");
  manager = new NestingManager({ brush1: brush });
});

function open(traits: Partial<Traits> = {}, nests = true) {
  const model = new FakeModel<Traits>(
    { ...filledTraits(), ...traits },
    nests ? manager : undefined,
  );
  const el = document.body.appendChild(document.createElement("div"));
  const close = explainer.render({ model, el });
  const button = el.querySelector<HTMLButtonElement>('[data-xcnn="hide-and-see"]');
  const place = el.querySelector<HTMLElement>(".xcnn-brush-place");
  if (!button || !place) throw new Error("no button");
  return { model, el, close, button, place };
}

test("the button asks for the brush, shows it when it is there, and folds it away", async () => {
  const { model, button, place } = open();
  expect([button.hidden, button.getAttribute("aria-expanded"), place.hidden]).toEqual([
    false,
    "false",
    true,
  ]);
  button.click();
  expect(model.saved).toEqual([{ _brush_wanted: 1 }]);
  expect(place.textContent).toContain("Opening");
  model.receive({ _brush: "IPY_MODEL_brush1" });
  await manager.settled();
  expect([...place.children]).toEqual([brush]);
  expect(button.getAttribute("aria-expanded")).toBe("true");
  button.click();
  expect([place.hidden, brush.isConnected]).toEqual([true, true]);
  button.click();
  expect(place.hidden).toBe(false);
  expect(model.saved).toHaveLength(1);
});

test("a brush that is closed leaves the page and can be asked for anew", async () => {
  const { model, button, place } = open({ _brush: "IPY_MODEL_brush1" });
  await manager.settled();
  expect(manager.standing).toBe(1);
  model.receive({ _brush: null });
  expect([manager.standing, place.hidden, place.childElementCount]).toEqual([0, true, 0]);
  button.click();
  expect(model.saved).toEqual([{ _brush_wanted: 1 }]);
});

test("a brush that could not be opened leaves no line that waits for it", () => {
  const { model, button, place } = open();
  button.click();
  model.receive({ error: "RuntimeError: out of memory" });
  expect([place.hidden, place.textContent]).toEqual([true, ""]);
});

test("a brush that cannot be drawn says why", async () => {
  manager.create_view = () => Promise.reject(new Error("model not found"));
  const { place } = open({ _brush: "IPY_MODEL_brush1" });
  await manager.settled();
  expect(place.textContent).toContain("model not found");
});

test.each([
  [{}, "The brush needs a running kernel."],
  [{ kernel: null }, "Run the cell again to go on."],
])("where the kernel is gone, the button says what to do", (more, words) => {
  const traits = { ...filledTraits(), _brush: null as string | null };
  const gone = { comm_live: false };
  const model = new FakeModel<Traits>(traits, Object.assign(manager, more), gone);
  const el = document.body.appendChild(document.createElement("div"));
  explainer.render({ model, el });
  el.querySelector<HTMLButtonElement>('[data-xcnn="hide-and-see"]')?.click();
  expect(el.querySelector(".xcnn-brush-place")?.textContent).toBe(words);
});

test("a page without a widget manager has no such button", () => {
  expect(open({}, false).button.hidden).toBe(true);
});

test("the view that is closed takes the brush's view with it", async () => {
  const { model, el, close } = open({ _brush: "IPY_MODEL_brush1" });
  await manager.settled();
  close();
  expect([manager.standing, el.childElementCount, model.listenerCount]).toEqual([0, 0, 0]);
});
