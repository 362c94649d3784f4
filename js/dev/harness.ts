import explainer from "../src/explainer";
import { FakeModel } from "../tests/fake_model";
import { answer, madeUpTraits, scenes } from "./made_up";

/**
 * Open `?scene=error&theme=dark&width=400`. A theme sets a few of JupyterLab's variables, as its
 * light and dark themes do; without one the widget's own colours are seen.
 */
const wanted = new URLSearchParams(location.search);
const main = document.querySelector("main") as HTMLElement;
const width = wanted.get("width");
if (width) main.style.width = `${width}px`;

const themes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  light: {
    "--jp-layout-color0": "white",
    "--jp-layout-color1": "white",
    "--jp-ui-font-color1": "rgba(0,0,0,.87)",
    "--jp-brand-color1": "#1976d2",
    "--jp-error-color1": "#d32f2f",
  },
  dark: {
    "--jp-layout-color0": "#111",
    "--jp-layout-color1": "#212121",
    "--jp-ui-font-color1": "rgba(255,255,255,.87)",
    "--jp-brand-color1": "#2196f3",
    "--jp-error-color1": "#f44336",
  },
};
const theme = wanted.get("theme");
if (theme) {
  document.body.dataset.jpThemeLight = String(theme === "light");
  for (const [name, value] of Object.entries(themes[theme] ?? {})) {
    document.documentElement.style.setProperty(name, value);
  }
}

const traits = await madeUpTraits(Number(wanted.get("pictures") ?? 8));
const scene = scenes[wanted.get("scene") ?? ""] ?? {};
const model = new FakeModel({ ...traits, ...scene });
const save = model.save_changes.bind(model);
model.save_changes = () => {
  save();
  void answer(model);
};
for (let view = 0; view < Number(wanted.get("views") ?? 1); view++) {
  explainer.render({ model, el: main.appendChild(document.createElement("div")) });
}
Object.assign(globalThis, { model });
