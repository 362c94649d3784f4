import { expect, test, vi } from "vitest";
import { outliving } from "../../../src/atlas/outliving";
import { choose } from "../../../src/controls/model";
import { rowsOf, type Traits } from "../../../src/gallery/traits";
import { afterlife } from "../../../src/page/gallery/afterlife";
import type { SavedState } from "../../../src/page/gallery/opening";
import { FakeModel } from "../../fake_model";
import { announcedTraits, row, rowMap } from "../../gallery/traits";
import { gallery, map, picture } from "./saved";

const notSaved = "Not saved on this page: needs a running kernel.";

/** A notebook's gallery of eight pictures, of which 2, 4 and 6 are saved and 2 and 4 are seen. */
function opened(live: boolean, changes: Partial<SavedState> = {}) {
  const saved = gallery(
    [2, 4, 6].map((index) => picture(index)),
    [2, 4, 6].flatMap((index) => [map(index), map(index, { layer: "layer1" })]),
  );
  const seen = (index: number) =>
    row(index, {
      prediction: { index: index % 2, name: "class 0", probability: 0.1 * (index + 1) },
      maps: { grad_cam: rowMap({ target: { index: index % 2, name: "class 0" } }) },
    });
  const state: SavedState = {
    ...announcedTraits(),
    methods: ["grad_cam"],
    page: 0,
    page_size: 2,
    _page: { generation: 7, rows: 2, page: 0, pages: 4, matches: 8, total: 8 },
    _images: { total: 8 },
    _row_0: seen(2),
    _row_1: seen(4),
    _atlas: saved,
    progress: 0.5,
    ...changes,
  };
  const model = new FakeModel<Traits>(state, undefined, { comm_live: live });
  const controller = new AbortController();
  const view = outliving(model, afterlife, controller.signal);
  const names = () => rowsOf(model).map((each) => each?.name);
  const layers = () => rowsOf(model).map((each) => each?.maps?.grad_cam?.layer);
  return { model, view, names, layers, close: () => controller.abort() };
}

test("with a kernel, choices go to it and nothing is answered here", async () => {
  const { model, view } = opened(true);
  choose(view, { layer: "layer1" });
  await new Promise((turn) => setTimeout(turn));
  expect(model.saved).toEqual([{ layer: "layer1" }]);
  expect(model.get("_page")?.generation).toBe(7);
});

test("without a kernel, rows come from what is saved, and it says of how many pictures", async () => {
  const { model, view, names, layers } = opened(false);
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(layers()).toEqual(["layer1", "layer1"]));
  expect(names()).toEqual(["picture-2.png", "picture-4.png"]);
  expect(model.get("_page")).toMatchObject({ pages: 2, matches: 3, total: 3 });
  expect(model.get("note")).toBe("3 of 8 pictures are saved on this page.");
  expect([model.get("error"), model.get("progress")]).toEqual(["", null]);
  choose(view, { page: 1 });
  await vi.waitFor(() => expect(names()).toEqual(["picture-6.png"]));
});

test("without a kernel, what is not saved says so, the rows stay, and one can go back", async () => {
  const { model, view, names, layers } = opened(false);
  choose(view, { layer: "layer2" });
  await vi.waitFor(() => expect(model.get("error")).toBe(notSaved));
  expect(names()).toEqual(["picture-2.png", "picture-4.png"]);
  expect(layers()).toEqual(["layer4", "layer4"]);
  choose(view, { layer: "layer4" });
  await vi.waitFor(() => expect(model.get("error")).toBe(""));
});

test("the picture that was selected is the one whose layers are compared", async () => {
  const { model, view, layers } = opened(false, {
    _layers: announcedTraits()._layers.filter(({ name }) => name !== "layer2"),
  });
  choose(view, { selected: 4 });
  await new Promise((turn) => setTimeout(turn));
  expect(model.get("_images")).toEqual({ total: 8 });
  choose(view, { rows: "layers" });
  await vi.waitFor(() => expect(layers()).toEqual(["layer1", "layer4"]));
  expect(rowsOf(model)[0]?.name).toBe("picture-4.png");
  expect(model.get("image_index")).toBe(1);
});

test.each([
  ["chosen", { image_index: 3 }],
  ["selected", { selected: 3 }],
])("a picture that is %s and not saved is not taken for another one", async (_, choice) => {
  const { model, view, names } = opened(false);
  choose(view, { rows: "layers", ...choice });
  await vi.waitFor(() => expect(model.get("error")).toBe(notSaved));
  expect(model.get("rows")).toBe("pictures");
  expect(names()).toEqual(["picture-2.png", "picture-4.png"]);
});

test("a second view of the same gallery goes on from what the first has made of it", async () => {
  const { model, view, names, layers } = opened(false);
  const other = outliving(model, afterlife, new AbortController().signal);
  choose(view, { layer: "layer1" });
  await vi.waitFor(() => expect(layers()).toEqual(["layer1", "layer1"]));
  choose(other, { page: 1 });
  await vi.waitFor(() => expect(names()).toEqual(["picture-6.png"]));
  expect(layers()).toEqual(["layer1"]);
  expect(model.get("note")).toBe("3 of 8 pictures are saved on this page.");
});

test("a gallery that is closed follows nothing any more", () => {
  const { model, close } = opened(false);
  close();
  expect(model.listenerCount).toBe(0);
});
