/**
 * A few of JupyterLab's variables, as its light and dark themes set them, by `?theme=dark`; without
 * a theme the widget's own colours are seen. `&width=400` makes the page's column that wide.
 */
const themes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  light: {
    "--jp-layout-color0": "white",
    "--jp-layout-color1": "white",
    "--jp-ui-font-color1": "rgba(0,0,0,.87)",
    "--jp-brand-color1": "#1976d2",
    "--jp-error-color1": "#d32f2f",
    "--jp-success-color1": "#388e3c",
  },
  dark: {
    "--jp-layout-color0": "#111",
    "--jp-layout-color1": "#212121",
    "--jp-ui-font-color1": "rgba(255,255,255,.87)",
    "--jp-brand-color1": "#2196f3",
    "--jp-error-color1": "#f44336",
    "--jp-success-color1": "#4caf50",
  },
};

export const wanted = new URLSearchParams(location.search);
export const main = document.querySelector("main") as HTMLElement;

const width = wanted.get("width");
if (width) main.style.width = `${width}px`;
const theme = wanted.get("theme");
if (theme) {
  document.body.dataset.jpThemeLight = String(theme === "light");
  for (const [name, value] of Object.entries(themes[theme] ?? {})) {
    document.documentElement.style.setProperty(name, value);
  }
}
