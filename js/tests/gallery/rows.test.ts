// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import type { Traits } from "../../src/gallery/traits";
import { Platform } from "../platform";
import { picture } from "../traits";
import { Observers } from "./observers";
import { enter, hidden, open, painted, view } from "./opened";
import { announcedTraits, brokenRow, row, rowMap } from "./traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

test("each row shows its picture and one map for each method over it", async () => {
  const { part, tile } = open();
  await painted(platform);
  const photo = part<HTMLCanvasElement>("picture");
  expect([photo.width, photo.height]).toEqual([4, 6]);
  expect(platform.pixel(photo, 3, 0)).toEqual([100, 100, 100, 255]);
  expect([tile(0, 1).width, tile(0, 1).height]).toEqual([4, 6]);
  expect(platform.pixel(tile(0, 0), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(platform.pixel(tile(2, 1), 3, 5)).toEqual([178, 178, 178, 255]);
});

test("a row says name, prediction, whether it is right, true label and disagreement", async () => {
  const { part } = open();
  await painted(platform);
  expect(part("row", 0).textContent).toContain("picture-3.png✗ WrongEgyptian cat 70.0%");
  expect(part("row", 0).textContent).toContain("True label: tabby");
  expect(part("row", 0).textContent).toContain("Disagreement 0.25");
  expect(part("mark", 1).textContent).toBe("✓ Right");
});

test("a row without a label is neither right nor wrong", async () => {
  const { part } = open({ _row_0: row(3, { label: null, right: null }) });
  await painted(platform);
  expect(hidden(part("mark", 0))).toBe(true);
  expect(part("row", 0).textContent).not.toContain("True label");
});

test("another class than the predicted one is named in the row, with or without its probability", async () => {
  const target = { index: 2, name: "tabby" };
  const maps = { grad_cam: rowMap({ target }), saliency: rowMap({ target }) };
  const { part } = open({ _row_0: row(3, { maps }) });
  await painted(platform);
  expect(part("row", 0).textContent).toContain("Explained: tabby");
  expect(part("row", 1).textContent).not.toContain("Explained");
});

test("a map that is the same everywhere says so in its row", async () => {
  const maps = { grad_cam: rowMap({ range: [0, 0] }), saliency: rowMap({}) };
  const { part } = open({ _row_0: row(3, { maps }) });
  await painted(platform);
  expect(part("row", 0).textContent).toContain("Grad-CAM: the same everywhere");
  expect(part("row", 1).textContent).not.toContain("the same everywhere");
});

test("a tile says method, class, layer, picture and its true values", async () => {
  const { model, tile } = open();
  await painted(platform);
  expect(tile(1, 0).getAttribute("aria-label")).toBe(
    "Overlay of Grad-CAM of 'Egyptian cat' (class 4) at layer4 on picture picture-4.png, from -1.00 to 3.00",
  );
  model.set("display", "heatmap");
  await painted(platform);
  expect(tile(1, 1).getAttribute("aria-label")).toBe(
    "Heatmap of Saliency of 'Egyptian cat' (class 4) on picture picture-4.png, from -1.00 to 3.00",
  );
  expect(platform.pixel(tile(1, 1), 0, 0)).toEqual([0, 0, 0, 255]);
});

test("names are text, whatever is in them", async () => {
  const { el, part } = open({ _row_0: row(3, { name: "<img src=x>", label: "<b>cat</b>" }) });
  await painted(platform);
  expect(part("row").textContent).toContain("<img src=x>");
  expect(el.querySelector("img, b")).toBeNull();
});

test("bytes are read from where their view begins", async () => {
  const buffer = Uint8Array.of(9, 9, 9, 255, 0, 255, 0, 255, 0, 9);
  const { tile } = open({
    _row_0: row(3, { maps: { grad_cam: rowMap({ data: new DataView(buffer.buffer, 3, 6) }) } }),
  });
  await painted(platform);
  expect(platform.pixel(tile(0, 0), 0, 0)).toEqual([178, 178, 178, 255]);
  expect(platform.pixel(tile(0, 0), 3, 0)).toEqual([50, 50, 50, 255]);
});

test("places are kept for rows that are announced, and filled as the rows come", async () => {
  const { model, part, parts, tile } = open(announcedTraits());
  await painted(platform);
  expect(parts("row")).toHaveLength(3);
  expect(part("row", 1).textContent).toContain("Picture 5: not there yet");
  expect(part("grid").getAttribute("aria-busy")).toBe("true");
  model.receive({ _row_1: row(4) });
  await painted(platform);
  expect(platform.pixel(tile(1, 0), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(tile(0, 0).width).toBe(0);
  model.receive({ _row_0: row(3), _row_2: row(5) });
  await painted(platform);
  expect(part("grid").getAttribute("aria-busy")).toBe("false");
});

test("a row of an older page is not drawn", async () => {
  const { model, part, tile } = open();
  await painted(platform);
  model.receive({ _page: { ...announcedTraits()._page, generation: 8 } as Traits["_page"] });
  await painted(platform);
  expect(part("row").textContent).toContain("not there yet");
  expect(tile(0, 0).width).toBe(0);
  model.receive({ _row_0: row(9, { generation: 8 }) });
  await painted(platform);
  expect(part("row").textContent).toContain("picture-9.png");
  expect(tile(0, 0).width).toBe(4);
});

test("a shorter page has fewer rows, and none before the first is announced", async () => {
  const { model, parts } = open();
  await painted(platform);
  model.receive({ _page: { generation: 8, rows: 1, page: 3, pages: 4, matches: 10, total: 20 } });
  await painted(platform);
  expect(parts("row")).toHaveLength(1);
  expect(open({ _page: null }).parts("row")).toHaveLength(0);
});

test("a picture that cannot be read is a row that says so, among good ones", async () => {
  const { part, tile } = open({ _row_1: brokenRow(4, "'picture-4.png' is cut off") });
  await painted(platform);
  expect(part("row", 1).textContent).toContain("picture-4.png");
  expect(part("row-error").textContent).toBe("'picture-4.png' is cut off");
  expect(part("row-error").getAttribute("aria-colspan")).toBe("3");
  expect(platform.pixel(tile(2, 0), 0, 0)).toEqual([50, 50, 50, 255]);
});

test("a picture that cannot be decoded leaves its maps alone", async () => {
  const { part, tile } = open({ _row_0: row(3, { picture: new Uint8Array(3) }) });
  await painted(platform);
  await painted(platform);
  expect(part("picture").getAttribute("aria-label")).toContain("could not be decoded");
  expect(platform.pixel(tile(0, 0), 3, 0)).toEqual([255, 255, 255, 255]);
});

test("a map that does not fit its shape or its picture says so in its tile", async () => {
  const { cell } = open({
    _row_0: row(3, { maps: { grad_cam: rowMap({ shape: [3, 3] }) } }),
    _row_1: row(4, { size: [4, 6] }),
  });
  await painted(platform);
  expect(cell(0, 2).textContent).toContain("a 3 x 3 map cannot have 6 values");
  expect(cell(1, 2).textContent).toContain("it is for 4 × 6 pixels, the picture has 6 × 4");
});

test("each map is stretched over its own range, or over that of its column", async () => {
  const { model, el, part, tile, cell } = open({
    _row_0: row(3, { maps: { grad_cam: rowMap({ range: [0, 2] }) } }),
    opacity: 1,
  });
  await painted(platform);
  expect(platform.pixel(tile(0, 0), 0, 0)[0]).toBe(0);
  expect(cell(0, 2).textContent).toBe("02.00");
  part<HTMLInputElement>("common-range").click();
  await painted(platform);
  // 0 and 2 of -1 to 3 are a quarter and three quarters of 256 colours
  expect(platform.pixel(tile(0, 0), 0, 0)[0]).toBe(64);
  expect(platform.pixel(tile(0, 0), 3, 0)[0]).toBe(192);
  const bars = [...el.querySelectorAll("[role=columnheader] [data-xcnn=colourbar]")];
  expect(bars.map((bar) => bar.getAttribute("aria-label"))).toEqual([
    "Colour bar: attribution from -1.00 to 3.00",
    "Colour bar: attribution from -1.00 to 3.00",
  ]);
  expect(model.saved).toEqual([]);
});

test("a change of the look repaints the maps once, and sends nothing", async () => {
  const { model, part, tile } = open();
  await painted(platform);
  platform.paints = 0;
  for (let i = 0; i < 100; i++) enter(part("opacity"), String(i / 99), "input");
  expect(await platform.frame()).toBe(1);
  // six maps; no picture and no colour bar is painted again
  expect(platform.paints).toBe(6);
  expect(platform.pixel(tile(0, 0), 0, 0)).toEqual([0, 0, 0, 255]);
  enter(part("colormap"), "red", "change");
  await painted(platform);
  expect(platform.pixel(tile(0, 0), 3, 0)).toEqual([255, 0, 0, 255]);
  expect(model.saved).toEqual([]);
});

test("only rows in sight are painted, and what leaves sight lets its pixels go", async () => {
  const observers = new Observers();
  observers.install();
  const { model, part, tile } = open();
  await painted(platform);
  expect(tile(0, 0).width).toBe(0);
  observers.see(part("row", 0));
  await painted(platform);
  expect(platform.pixel(tile(0, 0), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(tile(1, 0).width).toBe(0);
  observers.see(part("row", 0), false);
  observers.see(part("row", 1));
  await painted(platform);
  expect([tile(0, 0).width, tile(1, 0).width]).toEqual([0, 4]);
  model.set("opacity", 1);
  await painted(platform);
  expect(platform.pixel(tile(1, 0), 3, 0)).toEqual([255, 255, 255, 255]);
  expect(tile(0, 0).width).toBe(0);
});

test("of many maps that come at once some are painted in each frame, until all are", async () => {
  const rows = Array.from({ length: 10 }, (_, i) => [`_row_${i}`, row(i)]);
  const { tile } = open({
    ...Object.fromEntries(rows),
    _page: { generation: 7, rows: 10, page: 0, pages: 1, matches: 10, total: 10 },
  });
  await platform.frame();
  const drawn = () => rows.filter((_, i) => tile(i, 1).width > 0).length;
  const counts = [drawn()];
  while ((await platform.frame()) > 0) counts.push(drawn());
  expect(counts).toEqual([0, 4, 8, 10]);
});

test("layers of one picture share it, and say which layer each is", async () => {
  const title = (name: string) => row(3, { title: name, disagreement: null });
  const { el, part, parts, tile } = open({
    rows: "layers",
    _row_0: title("layer1 (64 x 12 x 8)"),
    _row_1: { ...title("layer2 (128 x 6 x 4)"), picture: null },
    _row_2: { ...title("layer4 (512 x 3 x 2)"), picture: null },
  });
  await painted(platform);
  expect(parts("row").map((line) => line.firstChild?.textContent)).toEqual([
    "layer1 (64 x 12 x 8)",
    "layer2 (128 x 6 x 4)",
    "layer4 (512 x 3 x 2)",
  ]);
  expect(platform.pixel(tile(2, 0), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(parts("picture")).toHaveLength(1);
  expect(el.querySelector(".xcnn-subject")?.textContent).toContain("picture-3.png");
  expect(part("row").children).toHaveLength(3);
});

test("rows of pictures are not taken for layers while these are awaited", async () => {
  const { part } = open({ rows: "layers" });
  await painted(platform);
  expect(part("row").textContent).toContain("Layer 1: not there yet");
});

test("a method more is a column more, and the maps that are there stay", async () => {
  const { model, el, tile } = open();
  await painted(platform);
  model.receive({ methods: ["grad_cam", "saliency", "guided_grad_cam"] });
  await painted(platform);
  const titles = [...el.querySelectorAll("[role=columnheader]")].map((head) => head.textContent);
  expect(titles).toEqual(["Name", "Picture", "Grad-CAM", "Saliency", "Guided Grad-CAM"]);
  expect(platform.pixel(tile(0, 1), 0, 0)).toEqual([50, 50, 50, 255]);
  expect(tile(0, 2).getAttribute("aria-label")).toBe("No map of Guided Grad-CAM");
});

test("the same map is repainted when its picture is another one", async () => {
  const map = rowMap();
  const { model, tile } = open({ _row_0: row(3, { maps: { grad_cam: map } }) });
  await painted(platform);
  model.receive({ _row_0: row(3, { maps: { grad_cam: map }, picture: picture(3, 20).data }) });
  await painted(platform);
  expect(platform.pixel(tile(0, 0), 0, 0)).toEqual([10, 10, 10, 255]);
});

test("two views of one model stay in step", async () => {
  const { model, part } = open();
  const other = view(model);
  await painted(platform);
  enter(part("opacity"), "0", "input");
  await painted(platform);
  expect(other.part<HTMLInputElement>("opacity").value).toBe("0");
  expect(platform.pixel(other.tile(0, 0), 3, 0)).toEqual([100, 100, 100, 255]);
});

test("what is closed listens to nothing, watches nothing and paints nothing", async () => {
  const observers = new Observers();
  observers.install();
  const { model, el, close } = open();
  await platform.frame();
  model.set("opacity", 1);
  close();
  expect(model.listenerCount).toBe(0);
  expect(observers.alive.size).toBe(0);
  expect(el.children).toHaveLength(0);
  platform.paints = 0;
  await painted(platform);
  expect(platform.paints).toBe(0);
});
