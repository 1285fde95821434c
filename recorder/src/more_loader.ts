/** What the second file holds. */
export type More = typeof import("./more");

let more: Promise<More | null> | null = null;

/**
 * The second file, loaded once from beside this one, or null if it cannot be had. It carries the nonce of this script,
 * as everything does that a script imports. `folder` ends with a slash.
 */
export function loadMore(folder: string): Promise<More | null> {
  // The address is not known when this is bundled, so it stays an import of the browser's.
  const address = `${folder}record-more.js`;
  more ??= (import(address) as Promise<More>).catch(() => {
    console.warn(`[reelstream] ${address} cannot be loaded: style sheets of other hosts, console and network are not captured`);
    return null;
  });
  return more;
}
