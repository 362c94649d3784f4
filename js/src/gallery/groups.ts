import { element, setText } from "../controls/element";
import { choose, follow } from "../controls/model";
import { countText, percentText } from "../controls/number_text";
import { isPage } from "../nested/nested_view";
import { type ColourTable, colourTable } from "../pixels/colour";
import { heatmapPixels } from "../pixels/compose";
import { heatmapOf } from "../pixels/heatmap";
import { countsText } from "./bars";
import type { Group } from "./ranges";
import { type Model, rowsOf } from "./traits";

/** The longer side of a mean map, in pixels. */
const side = 112;

/** Groups of pictures with like maps: the mean map of each, how many there are, and how many are wrong. */
export function groups(model: Model, signal: AbortSignal): HTMLElement {
  const title = element("summary", { class: "xcnn-title" });
  const row = element("div", { class: "xcnn-groups", role: "group" });
  const unknown = element(
    "p",
    { class: "xcnn-hint xcnn-press" },
    "To see only the pictures of a group needs a running kernel.",
  );
  const box = element(
    "details",
    { class: "xcnn-part", open: true, "data-xcnn": "groups" },
    title,
    row,
    unknown,
  );
  let tiles: readonly Tile[] = [];
  let laid: readonly Group[] = [];
  follow(
    model,
    ["_groups", "_methods", "show_group", "colormap", "_colormaps", "rows", "_page"],
    () => {
      const { groups: found = [], method = "" } = model.get("_groups") ?? {};
      box.hidden = found.length === 0 || model.get("rows") !== "pictures";
      if (box.hidden) return;
      const label = model.get("_methods").find(({ name }) => name === method)?.label ?? method;
      setText(title, `Groups by ${label}`);
      row.setAttribute("aria-label", `Groups of pictures with like maps of ${label}`);
      if (found !== laid) {
        laid = found;
        tiles = found.map((group, place) =>
          tile(
            group,
            label,
            () => {
              const pressed = (model.get("show_group") ?? null) === place;
              choose(model, { show_group: pressed ? null : place });
            },
            signal,
          ),
        );
        row.replaceChildren(...tiles.map((made) => made.button));
      }
      const table = colourTable(model.get("_colormaps")[model.get("colormap")]);
      // A page knows the groups of its pictures only where its rows tell them.
      const shown = rowsOf(model);
      const told = shown.length === 0 || shown.some((row) => row?.group !== undefined);
      const known = !isPage(model) || told;
      unknown.hidden = known;
      for (const [place, made] of tiles.entries()) {
        made.paint(table);
        made.button.disabled = !known;
        made.button.setAttribute("aria-pressed", String(model.get("show_group") === place));
      }
    },
    signal,
  );
  return box;
}

interface Tile {
  readonly button: HTMLButtonElement;
  paint(table: ColourTable): void;
}

function tile(
  { name, size, wrong, map }: Group,
  label: string,
  press: () => void,
  signal: AbortSignal,
): Tile {
  const times = Math.max(1, Math.round(side / Math.max(...map.shape)));
  const [height, width] = [map.shape[0] * times, map.shape[1] * times];
  const canvas = element("canvas", { width, height, "aria-hidden": "true" });
  const share =
    wrong === null || size === 0 ? "" : `${countText(wrong)} wrong (${percentText(wrong / size)})`;
  const button = element(
    "button",
    {
      type: "button",
      "data-xcnn": "group",
      "aria-label": `${name}: ${countsText(size, wrong)}`,
      title: `The mean map of ${label} of these ${countText(size)} pictures`,
    },
    canvas,
    element("span", { class: "xcnn-class-name" }, name),
    element("span", { class: "xcnn-hint" }, countsText(size, null)),
    element("span", { class: "xcnn-hint" }, share),
  );
  button.addEventListener("click", press, { signal });
  const { values } = heatmapOf({ ...map, size: [height, width] });
  let painted: ColourTable | null = null;
  return {
    button,
    paint(table) {
      if (painted === table) return;
      painted = table;
      const pixels = heatmapPixels(values, { threshold: 0, table });
      canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
    },
  };
}
