/**
 * Calls `replaced` when the document has another root: after `document.open`, which also takes all listeners from
 * document and window, or because a script put one there. Gives what ends it.
 */
export function followDocument(replaced: () => void): () => void {
  let root = document.documentElement;
  const observer = new MutationObserver(() => {
    const now = document.documentElement as HTMLElement | null;
    if (now === null || now === root) return;
    root = now;
    replaced();
  });
  observer.observe(document, { childList: true });
  return () => observer.disconnect();
}
