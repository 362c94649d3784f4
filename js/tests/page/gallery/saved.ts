import type { Traits } from "../../../src/gallery/traits";
import type { SavedGallery, SavedMap, SavedPicture } from "../../../src/page/gallery/catalogue";
import { announcedTraits, row, rowMap } from "../../gallery/traits";

/** A picture predicted as class `index % 2`, the later the likelier; with no prediction it failed. */
export function picture(index: number, changes: Partial<SavedPicture["row"]> = {}): SavedPicture {
  const prediction = {
    index: index % 2,
    name: `class ${index % 2}`,
    probability: 0.1 * (index + 1),
  };
  const { generation, ...told } = row(index, { prediction, maps: {}, disagreement: null });
  const predictions = [0, 1].map((place) => ({
    ...{ index: place, name: `class ${place}`, probability: 0.5 },
    title: `class ${place} (50.0%)`,
  }));
  return {
    row: { ...told, ...changes },
    predictions,
    layer_titles: { layer4: "layer4 (512 x 3 x 2)" },
    label_class: 1,
    label_failure: "",
  };
}

/** A map of a picture, by default Grad-CAM of its prediction at layer4. */
export function map(image: number, changes: Partial<SavedMap> = {}): SavedMap {
  return {
    ...rowMap({ target: { index: image % 2, name: `class ${image % 2}` } }),
    encoding: "raw",
    image_index: image,
    method: "grad_cam",
    disagreements: {},
    ...changes,
  };
}

export function gallery(images: readonly SavedPicture[], maps: readonly SavedMap[]): SavedGallery {
  return { version: 1, images, maps };
}

/** Choices of a page that opens on the first three pictures with Grad-CAM alone. */
export function onThree(changes: Partial<Traits> = {}): Traits {
  return { ...announcedTraits(), _page: null, page: 0, methods: ["grad_cam"], ...changes };
}
