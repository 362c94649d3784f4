import { element } from "../controls/element";
import { follow } from "../controls/model";
import { type Bytes, bytesOf } from "../pixels/decode";
import type { Model } from "./traits";

/** The picture and what lies over it, as two images: whole where there is no canvas, or none yet. */
export function still(model: Model, signal: AbortSignal): HTMLElement[] {
  const picture = element("img", { class: "xcnn-still", draggable: "false" });
  const covering = element("img", { class: "xcnn-still", alt: "", draggable: "false" });
  const show = [pngIn(picture, signal), pngIn(covering, signal)] as const;
  follow(
    model,
    ["_picture", "_covering", "status"],
    () => {
      const shown = model.get("_picture");
      picture.alt = model.get("status");
      const isCoarse = Math.max(...(shown?.size ?? [100])) < 100;
      for (const image of [picture, covering]) image.classList.toggle("xcnn-coarse", isCoarse);
      show[0](shown?.data ?? null);
      show[1](model.get("_covering"));
    },
    signal,
  );
  return [picture, covering];
}

/** From bytes to an image that shows them; none hides it. */
export function pngIn(image: HTMLImageElement, signal: AbortSignal): (data: Bytes | null) => void {
  let shown: Bytes | null = null;
  let url = "";
  const forget = () => {
    // What is still loading would be missed on the console.
    image.removeAttribute("src");
    if (url) URL.revokeObjectURL(url);
    url = "";
  };
  signal.addEventListener("abort", forget, { once: true });
  image.hidden = true;
  return (data) => {
    if (data === shown) return;
    shown = data;
    forget();
    image.hidden = data === null;
    if (data === null) return;
    url = URL.createObjectURL(new Blob([bytesOf(data)], { type: "image/png" }));
    image.src = url;
  };
}
