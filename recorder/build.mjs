// Bundles the recorder into the files that the gateway serves: /record.js, which every page loads, and what it loads
// when it is needed.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const common = { bundle: true, minify: true, target: ["es2020"], logLevel: "info" };
// What a page replaces later, or has replaced, must not reach the recorder, nor rrweb in it.
const own = {
  inject: [here("src/globals.ts")],
  define: {
    "Array.from": "nativeFrom",
    "Date.now": "nativeNow",
    "JSON.stringify": "nativeStringify",
    "performance.now": "nativeTick",
    "window.fetch": "fetch",
  },
};
await build({ ...common, ...own, entryPoints: [here("src/record.ts")], outfile: here("dist/record.js"), format: "iife" });
await build({ ...common, entryPoints: [here("src/more.ts")], outfile: here("dist/record-more.js"), format: "esm" });
// The page /check is one file: the gateway lets run what it finds in it, by hash.
const options = { ...common, entryPoints: [here("src/check_page.ts")], format: "iife", write: false };
const [script] = (await build(options)).outputFiles;
const page = await readFile(here("check.html"), "utf8");
await writeFile(here("dist/check.html"), page.replace("/* check_page.ts */", () => script.text.replaceAll("</", "<\\/")));

// What a page needs that names one version for good: the gateway serves `path` as it is, for ever.
const manifest = {};
for (const name of ["record.js", "record-more.js"]) {
  const content = await readFile(here(`dist/${name}`));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const integrity = `sha384-${createHash("sha384").update(content).digest("base64")}`;
  manifest[name] = { path: `/${name.replace(/\.js$/, `.${hash}.js`)}`, integrity };
}
await writeFile(here("dist/manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
