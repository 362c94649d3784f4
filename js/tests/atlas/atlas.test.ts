import { expect, test } from "vitest";
import { answering } from "../../src/atlas/answer";
import { type Atlas, type Entry, findView, mapOf } from "../../src/atlas/atlas";
import { bytesOf } from "../../src/pixels/decode";
import { emptyTraits, map, picture } from "../traits";

const cat = { index: 4, name: "Egyptian cat", probability: 0.7 };
const tabby = { index: 2, name: "tabby", probability: 0.2 };

function entry(changes: Partial<Entry> = {}): Entry {
  return { ...map(0), encoding: "raw", options: {}, status: "", note: "", ...changes };
}

function atlas(...entries: Entry[]): Atlas {
  const images = [0, 1].map((i) => ({ picture: picture(i), predictions: i ? [tabby] : [cat] }));
  return { version: 1, images, entries };
}

test("no class means the likeliest one of the picture", () => {
  const [first, second] = [entry(), entry({ image_index: 1, target: tabby })];
  const saved = atlas(first, second);
  expect(findView(saved, emptyTraits())?.entry).toBe(first);
  expect(findView(saved, { ...emptyTraits(), target: 4 })?.entry).toBe(first);
  expect(findView(saved, { ...emptyTraits(), target: 2 })).toBeNull();
  expect(findView(saved, { ...emptyTraits(), image_index: 1 })?.entry).toBe(second);
});

test("a layer counts for methods that use one, options for those that have them", () => {
  const saliency = entry({ method: "saliency", layer: null });
  const occlusion = entry({ method: "occlusion", layer: null, options: { patch: 32, stride: 8 } });
  const saved = atlas(entry(), saliency, occlusion);
  expect(findView(saved, { ...emptyTraits(), layer: "layer1" })).toBeNull();
  const ask = (method: string, stride = 16) =>
    findView(saved, { ...emptyTraits(), layer: "layer1", method, stride })?.entry;
  expect(ask("saliency")).toBe(saliency);
  expect(ask("occlusion")).toBeUndefined();
  expect(ask("occlusion", 8)).toBe(occlusion);
});

test("a deflated map is inflated once", async () => {
  const stream = new Blob(["abcdef"]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = entry({ data: await new Response(stream).arrayBuffer(), encoding: "deflate" });
  const found = await mapOf(packed, atlas(packed));
  expect(new TextDecoder().decode(bytesOf(found.data))).toBe("abcdef");
  expect(await mapOf(packed, atlas(packed))).toBe(found);
});

test("a saved view is answered as a kernel would, with its picture and its words", async () => {
  const saved = atlas(entry({ status: "Grad-CAM", note: "rounded" }));
  const answer = await answering(saved)(emptyTraits());
  expect(answer).toMatchObject({ status: "Grad-CAM", note: "rounded", error: "" });
  expect(answer?._picture).toBe(saved.images[0]?.picture);
  expect(answer?.predictions).toEqual([cat]);
  expect(answer?._map).toEqual(map(0));
});

test("a click on one pixel says that it needs a kernel, and the mark goes back", async () => {
  const opened = { ...emptyTraits(), pixel: [3, 5] } as const;
  const answer = answering(atlas(entry()), opened);
  const error = expect.stringContaining("needs a running kernel");
  expect(await answer({ ...opened, pixel: [7, 1] })).toEqual({ pixel: [3, 5], error });
  expect(await answer({ ...opened, pixel: [3, 5] })).toMatchObject({ error: "" });
  const none = answering(atlas(entry()), emptyTraits());
  expect(await none({ ...emptyTraits(), pixel: [7, 1] })).toEqual({ pixel: null, error });
});

test("of two choices in a row only the later one is answered", async () => {
  const answer = answering(atlas(entry(), entry({ layer: "layer1" })));
  const early = answer(emptyTraits());
  const late = answer({ ...emptyTraits(), layer: "layer1" });
  expect(await early).toBeNull();
  expect((await late)?._map?.layer).toBe("layer1");
});

test("what is not saved is said, and nothing else changes", async () => {
  const answer = await answering(atlas())(emptyTraits());
  expect(answer).toEqual({ error: "Not saved on this page: needs a running kernel." });
});

test("a map that cannot be unpacked is said", async () => {
  const broken = entry({ data: Uint8Array.of(1, 2, 3), encoding: "deflate" });
  const answer = await answering(atlas(broken))(emptyTraits());
  expect(answer?.error).toContain("cannot be unpacked");
});

test("an unknown version is refused with a way out", async () => {
  const answer = await answering({ ...atlas(entry()), version: 2 })(emptyTraits());
  expect(answer?.error).toContain("have version 2, and this page reads version 3");
});
