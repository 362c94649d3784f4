import { expect, test } from "vitest";
import { noRanges } from "../../../src/gallery/ranges";
import { opening, type SavedState } from "../../../src/page/gallery/opening";
import { row, rowMap } from "../../gallery/traits";
import { gallery, map, onThree, picture } from "./saved";

function state(changes: Partial<SavedState>): SavedState {
  return { ...onThree(), ...changes } as SavedState;
}

const some = gallery([picture(4), picture(7)], [map(4), map(7)]);

test("the pictures saved are all there are, and counted anew", () => {
  const { traits, saved } = opening(
    state({ _atlas: some, image_index: 7, selected: 4, page: 2, _defaults: { image_index: 1 } }),
  );
  expect(saved.images.map(({ row: told }) => [told.index, told.name])).toEqual([
    [0, "picture-4.png"],
    [1, "picture-7.png"],
  ]);
  expect(saved.maps.map(({ image_index }) => image_index)).toEqual([0, 1]);
  const { image_index, selected, _images, _defaults, note } = traits;
  expect([image_index, selected, _images.total, _defaults]).toEqual([
    1,
    0,
    2,
    { image_index: 0, ...noRanges },
  ]);
  expect(note).toBe("2 of 20 pictures are saved on this page.");
});

test("it opens on the page that has the first row shown, or on what its order leads to", () => {
  const many = gallery(
    [0, 1, 2, 3, 6, 7].map((index) => picture(index)),
    [],
  );
  expect(opening(state({ _atlas: many, page: 2 })).traits.page).toBe(1);
  expect(opening(state({ _atlas: many, page: 2, order: "wrong" })).traits.page).toBe(2);
});

test("a whole gallery stays as it is, and says nothing of it", () => {
  const all = gallery([picture(0), picture(1)], [map(0)]);
  const { traits, saved } = opening(state({ _atlas: all, _images: { total: 2 }, selected: 1 }));
  expect(saved).toEqual(all);
  expect([traits.selected, traits.note]).toEqual([1, ""]);
});

test("with nothing computed ahead the rows shown are saved, and those that failed are not", () => {
  const rows = { _row_0: row(3), _row_1: row(5, { error: "broken", maps: {} }), _row_2: row(8) };
  const { traits, saved } = opening(state({ ...rows, methods: ["saliency", "grad_cam"] }));
  expect(saved.images.map(({ row: told }) => told.name)).toEqual([
    "picture-3.png",
    "picture-8.png",
  ]);
  expect(saved.images[0]?.row.maps).toEqual({});
  const maps = saved.maps.map(({ image_index, method, disagreements }) => [
    image_index,
    method,
    disagreements,
  ]);
  expect(maps).toEqual([
    [0, "grad_cam", { saliency: 0.25 }],
    [0, "saliency", {}],
    [1, "grad_cam", { saliency: 0.25 }],
    [1, "saliency", {}],
  ]);
  expect([traits._row_0, traits._page]).toEqual([null, null]);
});

test("of pictures shown only those computed ahead are on the page", () => {
  const { saved } = opening(state({ _atlas: some, _row_0: row(4), _row_1: row(9) }));
  expect(saved.images).toHaveLength(2);
  expect(saved.maps.map(({ method }) => method)).toEqual([
    "grad_cam",
    "saliency",
    ...["grad_cam", "grad_cam"],
  ]);
});

test("a comparison shown brings its picture, with its classes or its layers", () => {
  const [one, other] = [0, 1].map((index) =>
    row(9, {
      title: `class ${index} (50.0%)`,
      picture: index === 0 ? row(9).picture : null,
      maps: { grad_cam: rowMap({ target: { index, name: `class ${index}` } }) },
    }),
  );
  const classes = { _row_0: one ?? null, _row_1: other ?? null, rows: "classes" } as const;
  const added = opening(state({ _atlas: some, ...classes })).saved.images[2];
  expect(added?.row.picture).toBe(one?.picture);
  expect(added?.predictions.map(({ index, title }) => [index, title])).toEqual([
    [0, "class 0 (50.0%)"],
    [1, "class 1 (50.0%)"],
  ]);
  const layers = { _row_0: row(9, { title: "layer4 (512 x 3 x 2)" }), rows: "layers" } as const;
  const found = opening(state(layers)).saved.images[0];
  expect(found?.layer_titles).toEqual({ layer4: "layer4 (512 x 3 x 2)" });
});
