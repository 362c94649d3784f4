import { expect, test } from "vitest";
import { choose as set } from "../../../src/controls/model";
import { rowsOf, type Traits } from "../../../src/gallery/traits";
import { answering } from "../../../src/page/gallery/answer";
import type { SavedGallery } from "../../../src/page/gallery/catalogue";
import { PageModel } from "../../../src/page/page_model";
import { gallery, map, onThree, picture } from "./saved";

const notSaved = "Not saved on this page: needs a running kernel.";
const five = [0, 1, 2, 3, 4];

/** A page as it opens, and how to choose on it and wait for what comes. */
async function page(saved: SavedGallery, changes: Partial<Traits> = {}) {
  const answer = answering(saved, (settled) => {
    for (const [name, value] of Object.entries(settled)) model.set(name as keyof Traits, value);
  });
  let answered: Promise<unknown> = Promise.resolve();
  const model: PageModel<Traits> = new PageModel(onThree(changes), (traits) => {
    const found = answer(traits);
    answered = found;
    return found;
  });
  const choose = async (choices: Partial<Traits>) => {
    set(model, choices);
    await answered;
  };
  await choose({});
  const names = () => rowsOf(model).map((row) => row?.name);
  return { model, choose, names };
}

const saved = gallery(
  five.map((i) => picture(i)),
  five.map((i) => map(i)),
);

test("it opens on the rows that its choices ask for", async () => {
  const { model, names } = await page(saved);
  expect(names()).toEqual(["picture-0.png", "picture-1.png", "picture-2.png"]);
  expect(model.get("_page")).toMatchObject({ rows: 3, page: 0, pages: 2, matches: 5, total: 5 });
  expect(model.get("status")).toBe("3 of 5 pictures shown");
  expect(rowsOf(model)[1]?.maps).toEqual({
    grad_cam: expect.objectContaining({ layer: "layer4" }),
  });
});

test("a page beyond the last is the last", async () => {
  const { model, names } = await page(saved, { page: 7 });
  expect([model.get("page"), names()]).toEqual([1, ["picture-3.png", "picture-4.png"]]);
});

test("what is not saved is said, the rows stay, and going on from there works", async () => {
  const { model, choose, names } = await page(saved);
  const shown = rowsOf(model);
  await choose({ layer: "layer1" });
  expect([model.get("error"), model.get("layer")]).toEqual([notSaved, "layer1"]);
  expect(rowsOf(model)).toEqual(shown);
  await choose({ layer: "layer4", page: 1 });
  expect([model.get("error"), names()]).toEqual(["", ["picture-3.png", "picture-4.png"]]);
});

test("rows of another kind that are not saved leave the kind as it was", async () => {
  const { model, choose } = await page(saved, { layer: "layer4", selected: 2 });
  await choose({ rows: "layers", methods: ["saliency"] });
  expect(model.get("error")).toBe(notSaved);
  expect([model.get("rows"), model.get("image_index")]).toEqual(["pictures", 0]);
  await choose({ rows: "layers", methods: ["grad_cam"], image_index: 2 });
  expect(model.get("error")).toBe("");
  expect(rowsOf(model).map((row) => row?.title)).toEqual([
    "layer1 (64 x 12 x 8)",
    "layer2 (128 x 6 x 4)",
    "layer4 (512 x 3 x 2)",
  ]);
});

test("rows that are not saved say so beside those that are", async () => {
  const { model } = await page(gallery(saved.images, [map(1)]));
  expect(rowsOf(model).map((row) => row?.error)).toEqual([notSaved, "", notSaved]);
  expect(model.get("status")).toBe("3 of 5 pictures shown; 2 not saved on this page");
});

test("where nothing is saved that would be seen first, the rows still say so", async () => {
  const { model, names } = await page(saved, { methods: ["saliency"] });
  expect(names()).toHaveLength(3);
  expect(rowsOf(model).every((row) => row?.error === notSaved)).toBe(true);
});

test("a picture that failed says why, and a label that is no class too", async () => {
  const images = [
    picture(0, { error: "no picture", prediction: null }),
    { ...picture(1), label_class: null, label_failure: "its label is 'dragon'" },
    picture(2),
  ];
  const { model } = await page(gallery(images, [map(2, { target: { index: 1, name: "b" } })]), {
    target: "label",
  });
  expect(rowsOf(model).map((row) => row?.error)).toEqual([
    "no picture",
    "its label is 'dragon'",
    "",
  ]);
  expect(model.get("status")).toBe("3 of 3 pictures shown; 2 could not be read or explained");
});

test("of two choices in a row the later is answered, and finds what the first made of others", async () => {
  const { model, choose, names } = await page(saved, { page: 1 });
  void choose({ order: "confidence" });
  await choose({ show_text: "png" });
  expect(model.get("page")).toBe(0);
  expect(names()).toEqual(["picture-4.png", "picture-3.png", "picture-2.png"]);
});

test("a choice whose maps take longer to unpack does not come after a later one", async () => {
  const stream = new Blob(["abcdef"]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = await new Response(stream).arrayBuffer();
  const slow = map(0, { data, encoding: "deflate" });
  const { model, choose } = await page(gallery([picture(0)], [slow, map(0, { layer: "layer1" })]), {
    layer: "layer1",
  });
  const slower = choose({ layer: "layer4" });
  await choose({ layer: "layer1" });
  await slower;
  expect(rowsOf(model)[0]?.maps?.grad_cam?.layer).toBe("layer1");
});

test("a choice that changes no row is not answered, and drops no answer on its way", async () => {
  const { model, choose, names } = await page(saved);
  const turning = choose({ page: 1 });
  await choose({ selected: 4 });
  await turning;
  expect(names()).toEqual(["picture-3.png", "picture-4.png"]);
  const generation = model.get("_page")?.generation;
  await choose({ selected: 3 });
  expect(model.get("_page")?.generation).toBe(generation);
});

test("disagreement is told by either method, and what is unknown comes last", async () => {
  const both = [0, 1, 2].flatMap((i) => [
    map(i, { disagreements: i === 2 ? { saliency: 0.9 } : {} }),
    map(i, { method: "saliency", layer: null, disagreements: i === 1 ? { grad_cam: 0.2 } : {} }),
  ]);
  const { model, names } = await page(gallery(saved.images.slice(0, 3), both), {
    methods: ["saliency", "grad_cam"],
    order: "disagreement",
  });
  expect(names()).toEqual(["picture-2.png", "picture-1.png", "picture-0.png"]);
  expect(rowsOf(model).map((row) => row?.disagreement)).toEqual([0.9, 0.2, null]);
});

test("a map that cannot be unpacked is said", async () => {
  const broken = map(0, { data: Uint8Array.of(1, 2, 3), encoding: "deflate" });
  const { model } = await page(gallery([picture(0)], [broken]));
  expect(model.get("error")).toContain("cannot be unpacked");
});

test("an unknown version is refused with a way out", async () => {
  const { model } = await page({ ...saved, version: 3 });
  expect(model.get("error")).toContain("have version 3, and this page reads version 2");
});
