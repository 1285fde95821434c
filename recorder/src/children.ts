const ASK = "reelstream.snapshot";
/** A page that frames this one cannot have it take snapshots without pause. */
const PAUSE_MS = 1_000;

/**
 * Frames of another origin that record into this page (`recordCrossOriginIframes`). A snapshot of the page blanks them
 * in the recording until they tell all of themselves too, so they are asked to.
 */
export class Children {
  private readonly known = new Set<MessageEventSource>();

  constructor() {
    addEventListener("message", ({ data, source }: MessageEvent<{ type?: unknown } | null>) => {
      if (source !== null && typeof data === "object" && data?.type === "rrweb") this.known.add(source);
    });
  }

  /** This page was told anew. */
  ask(): void {
    for (const source of this.known) {
      const child = source as Window;
      // A frame that is gone is forgotten; nothing is said to frames that never recorded into this page.
      if (child.closed) this.known.delete(source);
      else child.postMessage({ type: ASK }, "*");
    }
  }
}

/** In such a frame: calls `take` when the page around it asks. */
export function answerParent(take: () => void, signal: AbortSignal): void {
  let last = -Infinity;
  addEventListener("message", ({ data, source }: MessageEvent<{ type?: unknown } | null>) => {
    if (source !== parent || parent === window || typeof data !== "object" || data?.type !== ASK) return;
    if (performance.now() - last < PAUSE_MS) return;
    last = performance.now();
    take();
  }, { signal });
}
