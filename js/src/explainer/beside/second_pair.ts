import { decoded, type Pixels } from "../../pixels/picture";
import { pairsOf, type ShownPair } from "../shown_pair";
import { follow, type Model, type Picture } from "../traits";

/** Follow what the second model shows; null where there is none, or where it shows another picture than the first. */
export function followSecond(
  model: Model,
  changed: (pair: ShownPair | null) => void,
  signal: AbortSignal,
): void {
  const update = () => {
    const map = model.get("_beside")?.map;
    const picture = model.get("_beside")?.picture ?? model.get("_picture");
    if (!map || !picture || map.image_index !== model.get("_picture")?.index) return changed(null);
    const pixels = decoded(picture.data);
    if (!(pixels instanceof Promise)) return changed(shown(picture, pixels));
    const again = () => !signal.aborted && model.get("_beside")?.map === map && update();
    // What cannot be decoded is told where the first model's picture is.
    pixels.then(again, () => changed(null));
  };
  const shown = (picture: Picture, pixels: Pixels) =>
    pairsOf(picture, pixels, model.get("_beside")?.map ?? null).at(0);
  follow(model, ["_beside", "_picture"], update, signal);
}
