import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const options = {
  entryPoints: {
    brush: here("src/brush/index.ts"),
    explainer: here("src/explainer/index.ts"),
    gallery: here("src/gallery/index.ts"),
    page: here("src/page/index.ts"),
  },
  outdir: here("../xcnn_widgets/static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context({ ...options, minify: false, sourcemap: "inline" });
  await context.watch();
} else {
  await esbuild.build(options);
}
