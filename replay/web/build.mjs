// Bundles the list, login and player pages into replay/static/, which the replay service serves.
import { copyFile, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const output = here("../static");

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
for (const page of ["login.html", "list.html", "player.html"]) {
  await copyFile(here(page), `${output}/${page}`);
}
await build({
  entryPoints: ["login.ts", "list.ts", "player.ts", "style.css", "player.css"].map(here),
  outdir: output,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  logLevel: "info",
});
