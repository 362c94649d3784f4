// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import explainer from "../../src/explainer";
import type { Traits } from "../../src/explainer/traits";
import { FakeModel } from "../fake_model";
import { Platform } from "../platform";
import { emptyTraits, filledTraits, map, picture } from "../traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

function open(traits: Partial<Traits> = {}) {
  const model = new FakeModel<Traits>({ ...filledTraits(), ...traits });
  return { model, ...view(model) };
}

function view(model: FakeModel<Traits>) {
  const el = document.body.appendChild(document.createElement("div"));
  const close = explainer.render({ model, el });
  const part = <E extends Element = HTMLElement>(hook: string, at = 0) =>
    el.querySelectorAll(`[data-xcnn="${hook}"]`)[at] as unknown as E;
  const canvas = (at = 0) => part<HTMLCanvasElement>("canvas", at);
  return { el, close, part, canvas };
}

function enter(control: Element, value: string, event: "input" | "change"): void {
  (control as HTMLInputElement | HTMLSelectElement).value = value;
  control.dispatchEvent(new Event(event));
}

test("without a picture it waits, and paints when picture and map are there", async () => {
  const { model, el, canvas } = open(emptyTraits());
  await platform.frame();
  expect(el.textContent).toContain("Waiting for the picture");
  model.receive({ _picture: picture(0), _map: map(0) });
  await platform.frame();
  expect([canvas().width, canvas().height]).toEqual([4, 6]);
  expect(platform.pixel(canvas(), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(platform.pixel(canvas(), 3, 0)).toEqual([178, 178, 178, 255]);
});

test("what is shown is said: method, class, layer and picture", async () => {
  const { model, canvas } = open();
  await platform.frame();
  expect(canvas().getAttribute("aria-label")).toBe(
    "Overlay of Grad-CAM of 'Egyptian cat' (class 4) at layer4 on picture picture-0.png",
  );
  model.set("display", "picture");
  await platform.frame();
  expect(canvas().getAttribute("aria-label")).toBe("Picture picture-0.png, 4 by 6 pixels");
});

test("a map that comes before its picture waits behind the last good pair", async () => {
  const { model, canvas } = open();
  await platform.frame();
  model.receive({ _map: map(1, { data: Uint8Array.of(9, 9, 9, 9, 9, 9) }) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([178, 178, 178, 255]);
  model.receive({ _picture: picture(1, 20) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([10, 10, 10, 255]);
});

test("a picture that comes before its map is shown without one", async () => {
  const { model, canvas } = open();
  await platform.frame();
  model.receive({ _picture: picture(1, 20) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([20, 20, 20, 255]);
  expect(canvas().getAttribute("aria-label")).toBe("Picture picture-1.png, no heatmap yet");
  model.receive({ _map: map(1) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([138, 138, 138, 255]);
});

test("a map of another size than its picture is not painted, and it is said", async () => {
  const { el, canvas } = open({ _map: map(0, { size: [4, 6] }) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([100, 100, 100, 255]);
  expect(el.textContent).toContain("The map is for 4 × 6 pixels, the picture has 6 × 4.");
});

test("a map whose bytes do not fit its shape is not painted, and it is said", async () => {
  const { el, canvas } = open({ _map: map(0, { shape: [3, 3] }) });
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([100, 100, 100, 255]);
  expect(el.textContent).toContain("a 3 x 3 map cannot have 6 values");
});

test("a picture that cannot be decoded is named, and the last good one stays", async () => {
  const { model, el, canvas } = open();
  await platform.frame();
  model.receive({ _picture: { ...picture(1), data: new Uint8Array(3) } });
  await platform.frame();
  expect(el.textContent).toContain("The picture picture-1.png could not be decoded");
  expect(platform.pixel(canvas(), 0, 0)).toEqual([50, 50, 50, 255]);
});

test("a change of the look sends nothing and upsamples nothing", async () => {
  let reads = 0;
  const counted = map(0);
  const { data } = counted;
  Object.defineProperty(counted, "data", {
    get: () => {
      reads += 1;
      return data;
    },
  });
  const { model, part, canvas } = open({ _map: counted });
  await platform.frame();
  for (const value of ["0.1", "0.4", "1"]) enter(part("opacity"), value, "input");
  enter(part("threshold"), "0.2", "input");
  enter(part("colormap"), "red", "change");
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual([255, 0, 0, 255]);
  expect(platform.pixel(canvas(), 0, 0)).toEqual([100, 100, 100, 255]);
  expect(model.saved).toEqual([]);
  expect(reads).toBe(1);
});

test("a wipe shows the picture right of its edge, and sends nothing", async () => {
  const { model, el, part, canvas } = open({ opacity: 1 });
  const edge = () => el.querySelector<HTMLElement>(".xcnn-edge");
  await platform.frame();
  const [left, right] = [platform.pixel(canvas(), 0, 0), platform.pixel(canvas(), 3, 0)];
  expect(edge()?.hidden).toBe(true);
  enter(part("wipe"), "0.5", "input");
  await platform.frame();
  expect(platform.pixel(canvas(), 0, 0)).toEqual(left);
  const behind = platform.pixel(canvas(), 3, 0);
  expect(behind).not.toEqual(right);
  expect([edge()?.hidden, edge()?.style.left]).toEqual([false, "50%"]);
  model.set("display", "picture");
  await platform.frame();
  expect(platform.pixel(canvas(), 3, 0)).toEqual(behind);
  expect(part("wipe")).toHaveProperty("disabled", true);
  expect(model.saved).toEqual([]);
});

test("the look travels with the next choice", async () => {
  const { model, part } = open();
  enter(part("opacity"), "0.25", "input");
  enter(part("method"), "saliency", "change");
  expect(model.saved).toEqual([{ opacity: 0.25, method: "saliency" }]);
});

test("however many moves there are between two frames, it paints once", async () => {
  const { model, part } = open();
  await platform.frame();
  for (let i = 0; i < 300; i++) enter(part("opacity"), String(i / 300), "input");
  expect(await platform.frame()).toBe(1);
  expect(model.get("opacity")).toBe(299 / 300);
});

test("layer dropdown and depth slider move together, whichever is used", async () => {
  const { model, part } = open();
  enter(part("depth"), "0", "input");
  expect(part<HTMLSelectElement>("layer").value).toBe("layer1");
  enter(part("layer"), "layer2", "change");
  expect(part<HTMLInputElement>("depth").value).toBe("1");
  model.receive({ layer: "layer4" });
  expect(part<HTMLInputElement>("depth").value).toBe("2");
  expect(model.saved).toEqual([{ layer: "layer1" }, { layer: "layer2" }]);
});

test("a method's own options are shown with it alone", () => {
  const { model, part } = open();
  const hidden = () => part("patch").closest<HTMLElement>(".xcnn-row")?.hidden;
  expect(hidden()).toBe(true);
  model.receive({ method: "occlusion" });
  expect(hidden()).toBe(false);
  expect(part<HTMLInputElement>("stride").max).toBe("4");
  enter(part("stride"), "2", "change");
  expect(model.saved).toEqual([{ stride: 2 }]);
});

test("a class is chosen from the top ones and from the search", () => {
  const { model, el, part } = open();
  el.querySelector<HTMLInputElement>("[data-xcnn=class-option] [value='2']")?.click();
  enter(part("class-search"), "espr", "input");
  part("class-match").click();
  expect(model.saved).toEqual([{ target: 2 }, { target: 6 }]);
  expect(part("class-option", 6).textContent).toBe("espresso");
});

test("two views of one model stay in step", async () => {
  const { model, part } = open();
  const other = view(model);
  enter(part("opacity"), "0", "input");
  enter(part("method"), "saliency", "change");
  await platform.frame();
  expect(other.part<HTMLInputElement>("opacity").value).toBe("0");
  expect(other.part<HTMLSelectElement>("method").value).toBe("saliency");
  expect(platform.pixel(other.canvas(), 3, 0)).toEqual([100, 100, 100, 255]);
});

test("the arrow keys read values pixel by pixel, with Shift ten at a time, and Escape leaves", async () => {
  const { part, canvas } = open();
  await platform.frame();
  const press = (key: string, shiftKey = false) =>
    canvas().dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, cancelable: true }));
  press("ArrowUp");
  expect(part("readout").textContent).toMatch(/^x 2, y 2: /);
  press("ArrowUp", true);
  press("ArrowRight", true);
  expect(part("readout").textContent).toBe("x 3, y 0: 3.00");
  expect(part("readout").getAttribute("aria-live")).toBe("polite");
  press("Escape");
  expect(part("readout").textContent).toContain("To read values");
});

test("the value under the pointer is read, silently", async () => {
  const { part, canvas } = open();
  await platform.frame();
  vi.spyOn(canvas(), "getBoundingClientRect").mockReturnValue(new DOMRect(10, 20, 400, 600));
  canvas().dispatchEvent(new MouseEvent("pointermove", { clientX: 20, clientY: 25 }));
  expect(part("readout").textContent).toBe("x 0, y 0: -1.00");
  expect(part("readout").getAttribute("aria-live")).toBe("off");
  canvas().dispatchEvent(new MouseEvent("pointerleave"));
  expect(part("readout").textContent).toContain("To read values");
});

test("the colour bar has the values that its colours stand for", async () => {
  const { model, part } = open();
  await platform.frame();
  expect(part("colourbar").textContent).toBe("-1.001.003.00");
  model.receive({ _map: map(0, { range: [2, 2], data: new Uint8Array(6) }) });
  await platform.frame();
  expect(part("colourbar").textContent).toBe("2.00 everywhere");
});

test("an error is an alert, dims the last good picture, and goes with the next good choice", () => {
  const { model, el, part } = open();
  model.receive({ error: "no layer <b>'layer9'</b>" });
  expect(part("error").textContent).toBe("no layer <b>'layer9'</b>");
  expect(part("error").getAttribute("role")).toBe("alert");
  expect(el.querySelector(".xcnn-dimmed")).not.toBeNull();
  model.receive({ error: "" });
  expect(el.querySelector(".xcnn-dimmed")).toBeNull();
});

test("a picture that is shown instead of a broken one is not dimmed before another error comes", () => {
  const told = "broken.jpg cannot be read (cat is shown instead)";
  const { model, el, part } = open({ error: told, _opening_error: told });
  expect(part("error").textContent).toBe(told);
  expect(el.querySelector(".xcnn-dimmed")).toBeNull();
  model.receive({ error: "broken.jpg cannot be read" });
  expect(el.querySelector(".xcnn-dimmed")).not.toBeNull();
});

test("running work shows how far it is and can be cancelled", () => {
  const { model, part } = open();
  expect(part("progress").closest<HTMLElement>("[hidden]")).not.toBeNull();
  model.receive({ progress: 0.25 });
  expect(part<HTMLProgressElement>("progress").value).toBe(0.25);
  expect(part("progress").closest("[hidden]")).toBeNull();
  part("cancel").click();
  part("cancel").click();
  expect(model.saved).toEqual([{ _cancel: 1 }, { _cancel: 2 }]);
});

test("status and note stand as text", () => {
  const { part } = open({ note: "<i>note</i>", status: "<i>status</i>" });
  expect(part("status").textContent).toBe("<i>status</i>");
  expect(part("note").textContent).toBe("<i>note</i>");
});

test("Reset brings back every default in one message", () => {
  const { model, part } = open({ method: "saliency", target: 3, opacity: 1 });
  part("reset").click();
  expect(model.saved).toEqual([{ method: "grad_cam", target: null, opacity: 0.5 }]);
  expect(part<HTMLSelectElement>("method").value).toBe("grad_cam");
});

test("side by side shows picture, heatmap and overlay", async () => {
  const { model, el, canvas } = open({ display: "side_by_side" });
  await platform.frame();
  const captions = [...el.querySelectorAll("figcaption")].map((caption) => caption.textContent);
  expect(captions).toEqual(["Picture", "Heatmap", "Overlay"]);
  expect([0, 1, 2].map((at) => platform.pixel(canvas(at), 3, 0)[0])).toEqual([100, 255, 178]);
  model.set("display", "overlay");
  await platform.frame();
  expect(el.querySelectorAll("[data-xcnn=canvas]")).toHaveLength(1);
});

test("a saved picture is named after what it shows, in letters that file names can have", async () => {
  const target = { index: 4, name: "<img src=x onerror=alert(1)>", probability: 0.7 };
  const odd = { ...picture(0), name: "../../my cat (1).png" };
  const { part, el } = open({ _picture: odd, _map: map(0, { target }) });
  await platform.frame();
  part("save").click();
  await platform.frame();
  expect(platform.downloads).toEqual(["my_cat_1-grad_cam-layer4-img_src_x_onerror_alert_1.png"]);
  expect(el.querySelector("img[onerror]")).toBeNull();
});

test("where the browser makes no PNG, it is said", async () => {
  const { el, part } = open();
  await platform.frame();
  vi.mocked(HTMLCanvasElement.prototype.toBlob).mockImplementation((done) => done(null));
  part("save").click();
  await platform.frame();
  expect(el.textContent).toContain("The picture could not be saved");
  expect(platform.downloads).toEqual([]);
});

test("bytes that lie inside a larger message are read from where they start", async () => {
  const message = Uint8Array.of(7, 7, 7, 0, 255, 0, 255, 0, 255, 7).buffer;
  const { canvas } = open({ _map: map(0, { data: new DataView(message, 3, 6) }) });
  await platform.frame();
  expect(platform.pixel(canvas(), 0, 0)).toEqual([50, 50, 50, 255]);
});

test("after closing, no listener is left and nothing is painted or sent any more", async () => {
  const { model, el, part, canvas, close } = open({
    _images: [{ name: "a" }, { name: "b" }],
    _thumbnails: [Uint8Array.of(1), null],
  });
  await platform.frame();
  const [opacity, method, pane] = [part("opacity"), part("method"), canvas()];
  const painted = platform.paints;
  close();
  expect(model.listenerCount).toBe(0);
  expect(el.childElementCount).toBe(0);
  expect(platform.addresses.size).toBe(0);
  enter(opacity, "0.1", "input");
  enter(method, "saliency", "change");
  pane.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
  model.receive({ _picture: picture(1), _map: map(1) });
  expect(await platform.frame()).toBe(0);
  expect(platform.paints).toBe(painted);
  expect(model.saved).toEqual([]);
  expect(model.get("opacity")).toBe(0.5);
});

test("a view that is closed while its picture is decoded paints nothing", async () => {
  const { close } = open();
  const painted = platform.paints;
  close();
  await platform.frame();
  expect(platform.paints).toBe(painted);
});
