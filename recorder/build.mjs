// Bundles the recorder into the files that the gateway serves: /record.js, which every page loads, and what it loads
// when it is needed.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const common = { bundle: true, minify: true, target: ["es2020"], logLevel: "info" };
await build({ ...common, entryPoints: [here("src/record.ts")], outfile: here("dist/record.js"), format: "iife" });
await build({ ...common, entryPoints: [here("src/more.ts")], outfile: here("dist/record-more.js"), format: "esm" });
