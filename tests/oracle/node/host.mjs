// Plays recordings in jsdom. Each line of standard input is a request, each line of standard output its answer, in
// order; see page.ts for both.
import { createInterface } from "node:readline";
import { JSDOM, VirtualConsole } from "jsdom";
import { bundle } from "./bundle.mjs";
import { completeWindow } from "./jsdom_gaps.mjs";

const script = await bundle("page.ts", "oracle");

async function answer(line) {
  const uncaught = [];
  let turn = "";
  const virtualConsole = new VirtualConsole();
  virtualConsole.on("jsdomError", (error) => {
    if (error.type === "unhandled-exception") uncaught.push([turn, error.message]);
  });
  virtualConsole.on("debug", (text) => {
    turn = text;
  });
  const { window } = new JSDOM("<!DOCTYPE html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole,
    beforeParse: completeWindow,
  });
  window.eval(`${script};window.oracle = oracle;`);
  // The player asks `instanceof Array`, which only the window's own arrays are.
  const result = await window.oracle.run(window.JSON.parse(line));
  window.close();
  return { ...result, uncaught };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
