// Bundles the recorder into the one file that the gateway serves as /record.js.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here("src/record.ts")],
  outfile: here("dist/record.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  logLevel: "info",
});
