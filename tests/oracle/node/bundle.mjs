// One script with rrweb's player and the judge, for any page: jsdom's or Chromium's.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The script's text; it defines `oracle`. */
export async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "oracle",
    target: ["es2022"],
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(await bundle());
}
