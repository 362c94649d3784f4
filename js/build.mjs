import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const options = {
  outdir: here("../xcnn_widgets/static"),
  bundle: true,
  target: "es2022",
  minify: true,
  charset: "utf8",
  logLevel: "info",
};

const builds = [
  // Pages have no modules to import: there and in widgets the front end is the variable `xcnn`.
  {
    ...options,
    entryPoints: { front_end: here("src/index.ts") },
    format: "iife",
    globalName: "xcnn",
  },
  {
    ...options,
    entryPoints: { loader: here("src/loader/index.ts"), page: here("src/page/page.css") },
    format: "esm",
  },
];

// What an older build has left would be packaged too.
rmSync(options.outdir, { recursive: true, force: true });
for (const build of builds) {
  if (process.argv.includes("--watch")) {
    const context = await esbuild.context({ ...build, minify: false, sourcemap: "inline" });
    await context.watch();
  } else {
    await esbuild.build(build);
  }
}
