import { type ColourTable, colourStrip } from "../pixels/colour";
import { choiceSelect } from "./choice_select";
import type { Control } from "./control";
import { element } from "./element";

interface Shown {
  readonly names: readonly string[];
  readonly name: string;
  readonly table: ColourTable;
  readonly disabled: boolean;
}

/** A colormap by name, with a swatch of it. */
export function colormapSelect(
  choose: (name: string) => void,
  signal: AbortSignal,
): Control<Shown> {
  const select = choiceSelect({ label: "Colormap", hook: "colormap", choose, signal });
  const swatch = element("canvas", {
    class: "xcnn-swatch",
    width: 256,
    height: 1,
    "aria-hidden": "true",
  });
  select.element.querySelector("select")?.before(swatch);
  return {
    element: select.element,
    show({ names, name, table, disabled }) {
      select.show({
        choices: names.map((value) => ({ value, label: value })),
        value: name,
        disabled,
      });
      const strip = new ImageData(colourStrip(table, 0), 256, 1);
      swatch.getContext("2d")?.putImageData(strip, 0, 0);
    },
  };
}
