// Writes the recorder as an npm package into dist/package, from what build.mjs has built.
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = JSON.parse(await readFile(here("../package.json"), "utf8"));
const folder = "dist/package";

await rm(here(folder), { recursive: true, force: true });
await mkdir(here(folder), { recursive: true });
await build({
  bundle: true,
  target: ["es2020"],
  format: "esm",
  entryPoints: [here("src/package.ts")],
  external: ["./record.js"],
  outfile: here(`${folder}/index.js`),
});
for (const name of ["record.js", "record-more.js"]) await copyFile(here(`dist/${name}`), here(`${folder}/${name}`));
await copyFile(here("../LICENSE"), here(`${folder}/LICENSE`));
await copyFile(here("package.md"), here(`${folder}/README.md`));
const declare = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", here(`${folder}/types`)];
await promisify(execFile)(process.execPath, [here("../node_modules/typescript/bin/tsc"), "-p", here("package.tsconfig.json"), ...declare]);
const manifest = {
  name: "@reelstream/recorder",
  version: root.version,
  description: "Records a page for Reelstream",
  license: root.license,
  type: "module",
  exports: { ".": { types: "./types/package.d.ts", default: "./index.js" } },
  types: "./types/package.d.ts",
  // It works by being loaded.
  sideEffects: ["./record.js"],
  files: ["index.js", "record.js", "record-more.js", "types"],
  // For the types of `start({ rrweb })` alone.
  peerDependencies: { rrweb: `^${root.dependencies.rrweb}` },
  peerDependenciesMeta: { rrweb: { optional: true } },
};
await writeFile(here(`${folder}/package.json`), `${JSON.stringify(manifest, null, 2)}\n`);
