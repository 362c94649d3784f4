// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { noRanges } from "../../src/gallery/ranges";
import { Platform } from "../platform";
import { enter, hidden, open, painted } from "./opened";
import { brokenRow } from "./traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

const options = (select: Element) =>
  [...select.querySelectorAll("option")].map((option) => option.value);

test("what a row is can be chosen, and controls without sense for it are not there", () => {
  const { model, el, part } = open();
  expect(["image-index", "layer", "target", "order"].map((hook) => hidden(part(hook)))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  el.querySelector<HTMLInputElement>("[data-xcnn=rows] [value=layers]")?.click();
  expect(["image-index", "layer", "target", "order"].map((hook) => hidden(part(hook)))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  el.querySelector<HTMLInputElement>("[data-xcnn=rows] [value=classes]")?.click();
  expect(["image-index", "layer", "target", "order"].map((hook) => hidden(part(hook)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(model.saved).toEqual([{ rows: "layers" }, { rows: "classes" }]);
});

test("a method is added last, and the only one left cannot be taken away", () => {
  const { model, part } = open();
  part<HTMLInputElement>("method-guided_grad_cam").click();
  part<HTMLInputElement>("method-grad_cam").click();
  part<HTMLInputElement>("method-saliency").click();
  expect(model.saved).toEqual([
    { methods: ["grad_cam", "saliency", "guided_grad_cam"] },
    { methods: ["saliency", "guided_grad_cam"] },
    { methods: ["guided_grad_cam"] },
  ]);
  expect(part<HTMLInputElement>("method-guided_grad_cam").disabled).toBe(true);
});

test("without a method that uses a layer there is none to choose", () => {
  const { el, part } = open({ methods: ["saliency"] });
  expect(part<HTMLSelectElement>("layer").disabled).toBe(true);
  expect(el.textContent).toContain("No method shown uses a layer.");
});

test("layer dropdown and depth slider move together", () => {
  const { model, part } = open();
  enter(part("depth"), "0", "input");
  expect(part<HTMLSelectElement>("layer").value).toBe("layer1");
  enter(part("layer"), "layer2", "change");
  expect(part<HTMLInputElement>("depth").value).toBe("1");
  expect(model.saved).toEqual([{ layer: "layer1" }, { layer: "layer2" }]);
});

test("one class for all is first what the first picture is predicted as, then what is searched", () => {
  const { model, el, part } = open({ _row_0: brokenRow(3, "cut off") });
  const kind = (value: string) =>
    el.querySelector<HTMLInputElement>(`[data-xcnn=target] [value=${value}]`);
  kind("class")?.click();
  enter(part("class-search"), "espr", "input");
  part("class-match").click();
  expect(el.textContent).toContain("espresso (class 6).");
  kind("label")?.click();
  kind("class")?.click();
  expect(model.saved).toEqual([{ target: 4 }, { target: 6 }, { target: "label" }, { target: 6 }]);
  model.receive({ target: "predicted" });
  expect(kind("predicted")?.checked).toBe(true);
});

test("without labels nothing asks for them", () => {
  const { el, part } = open({ _has_labels: false });
  expect(el.querySelector("[data-xcnn=target] [value=label]")?.closest("label")?.hidden).toBe(true);
  expect(hidden(part("show"))).toBe(true);
  expect(options(part("order"))).toEqual([
    "given",
    "confidence",
    "least_confident",
    "disagreement",
  ]);
});

test("pictures are ordered, by disagreement only where there are two methods", () => {
  const { model, part } = open();
  expect(options(part("order"))).toContain("wrong");
  enter(part("order"), "disagreement", "change");
  model.receive({ order: "given", methods: ["grad_cam"] });
  expect(options(part("order"))).not.toContain("disagreement");
  expect(model.saved).toEqual([{ order: "disagreement" }]);
});

test("pictures are filtered by right or wrong, by class and by name", () => {
  const { model, el, part } = open();
  el.querySelector<HTMLInputElement>("[data-xcnn=show] [value=wrong]")?.click();
  enter(part("show-class"), "lynx", "input");
  part("class-match").click();
  enter(part("show-text"), " cat ", "change");
  expect(hidden(part("show-class"))).toBe(true);
  expect(part("show-class-clear").parentElement?.textContent).toContain("lynx");
  part("show-class-clear").click();
  expect(hidden(part("show-class"))).toBe(false);
  expect(model.saved).toEqual([
    { show: "wrong" },
    { show_class: 5 },
    { show_text: "cat" },
    { show_class: null },
  ]);
});

test("when no picture passes the filters it is said, with the way back", async () => {
  const { model, el, part } = open({
    _page: { generation: 8, rows: 0, page: 0, pages: 1, matches: 0, total: 20 },
    show: "wrong",
    show_class: 3,
    show_text: "dog",
  });
  await painted(platform);
  expect(hidden(part("show-all"))).toBe(false);
  expect(el.textContent).toContain("No picture passes the filters.");
  part("show-all").click();
  expect(model.saved).toEqual([
    { show: "all", show_class: null, show_label: null, show_text: "", ...noRanges },
  ]);
});

test("pages are turned by buttons and by number, and each says where it is", () => {
  const { model, part } = open();
  expect(part("count").textContent).toBe("Pictures 4–6 of 11, chosen from 20");
  part("next").click();
  part("next").click();
  expect(part<HTMLButtonElement>("next").disabled).toBe(true);
  part("previous").click();
  enter(part("page"), "1", "change");
  enter(part("page"), "99", "change");
  enter(part("page-size"), "50", "change");
  expect(model.saved).toEqual([
    { page: 2 },
    { page: 3 },
    { page: 2 },
    { page: 0 },
    { page: 3 },
    { page_size: 50 },
  ]);
});

test("a page size that Python has set is among those offered", () => {
  const { part } = open({ page_size: 7 });
  expect(options(part("page-size"))).toEqual(["5", "7", "10", "20", "50", "100"]);
  expect(part<HTMLSelectElement>("page-size").value).toBe("7");
});

test("the picture of a comparison is chosen by its number", () => {
  const { model, part } = open({ rows: "layers" });
  part("image-next").click();
  enter(part("image-index"), "20", "change");
  expect(model.saved).toEqual([{ image_index: 1 }, { image_index: 19 }]);
});

test("opacity is there for overlays alone", () => {
  const { el, part } = open();
  el.querySelector<HTMLInputElement>("[data-xcnn=display] [value=heatmap]")?.click();
  expect(hidden(part("opacity"))).toBe(true);
});

test("running work shows how far it is and can be cancelled", () => {
  const { model, part } = open({ progress: 0.5, status: "Explained 24 of 48, about 6 s left" });
  expect(part<HTMLProgressElement>("progress").value).toBe(0.5);
  expect(part("status").textContent).toBe("Explained 24 of 48, about 6 s left");
  part("cancel").click();
  part("cancel").click();
  expect(model.saved).toEqual([{ _cancel: 1 }, { _cancel: 2 }]);
  model.receive({ progress: null });
  expect(hidden(part("cancel"))).toBe(true);
});

test("Reset restores the defaults, the look with them", () => {
  const { model, part } = open({ order: "wrong", opacity: 0.1 });
  part("reset").click();
  expect(model.saved).toEqual([{ opacity: 0.5, order: "given", page: 0 }]);
});

test("an error is told, and the rows that were there stay", async () => {
  const { model, part, parts } = open();
  model.receive({ error: "layer 'x' is not offered" });
  await painted(platform);
  expect(part("error").textContent).toBe("layer 'x' is not offered");
  expect(parts("row")).toHaveLength(3);
});
