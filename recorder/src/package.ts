/** Entry of the package. Importing it does nothing, on a server too. */
import type { Reelstream } from "./record";

export type { Reelstream, StartOptions } from "./record";
export type { Report } from "./check";

/**
 * Loads the recorder into this page, once, and hands it out. It records nothing until `start` is called. Rejects where
 * there is no page.
 */
export async function load(): Promise<Reelstream> {
  if (typeof window === "undefined") throw new Error("a page is recorded in a browser");
  // A file of its own, since it takes what it needs of the browser as it begins. The package has it beside this one.
  await import("./record.js");
  if (window.reelstream === undefined) throw new Error("record.js did not begin");
  return window.reelstream;
}
