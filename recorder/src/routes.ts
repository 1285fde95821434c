/** Changes told in a minute: some pages write each step of a scroll into their address. */
const MOST = 120;
const MINUTE_MS = 60_000;

/** Calls `tell` when the address changes without a new document. Gives what ends it, and leaves the page as it was. */
export function tellRoutes(tell: (href: string) => void): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  let last = location.href;
  let left = MOST;
  let until = performance.now() + MINUTE_MS;
  const look = (): void => {
    const { href } = location;
    const now = performance.now();
    if (signal.aborted || href === last) return;
    if (now >= until) {
      left = MOST;
      until = now + MINUTE_MS;
    }
    if (left-- <= 0) return;
    last = href;
    tell(href);
  };
  addEventListener("popstate", look, { signal });
  addEventListener("hashchange", look, { signal });
  const { navigation } = window as { navigation?: EventTarget };
  // It tells of every change, also of those by functions that another frame kept: nothing of the page is wrapped.
  navigation?.addEventListener("currententrychange", look, { signal });
  const restore = navigation ? [] : [wrap("pushState", look), wrap("replaceState", look)];
  return () => {
    leave.abort();
    for (const each of restore) each();
  };
}

function wrap(name: "pushState" | "replaceState", look: () => void): () => void {
  const original = history[name];
  const wrapped: typeof original = function (this: History, ...given) {
    original.apply(this, given);
    look();
  };
  try {
    history[name] = wrapped;
  } catch {
    // A frozen history: what is left are the events.
  }
  return () => {
    // Whoever wrapped it after us keeps calling ours, which then only calls on.
    if (history[name] === wrapped) history[name] = original;
  };
}
