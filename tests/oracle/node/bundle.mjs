// Scripts for any page: jsdom's or Chromium's.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The text of a script that defines `name` as what a module of this folder exports. */
export async function bundle(module, name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(module, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: name,
    target: ["es2022"],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(await bundle(process.argv[2], process.argv[3]));
}
