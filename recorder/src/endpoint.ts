/**
 * The gateway's address without a slash at the end: what the page says, else where the script came from, so that a
 * gateway below a path is found there. `script` is the script's address, "" for one that has none.
 */
export function endpointOf(given: string | undefined, script: string, page: string): string {
  return (given ?? folderOf(script) ?? new URL(page).origin).replace(/\/+$/, "");
}

function folderOf(script: string): string | undefined {
  try {
    // A script in a blob or a data URL is in no folder.
    return /^https?:/.test(script) ? new URL(".", script).href : undefined;
  } catch {
    return undefined;
  }
}
