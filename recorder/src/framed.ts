/** How long a frame waits for the pages around it to load, in ms: their recorder may come later than the frame's. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;
const COVERED = "reelstream.covered";

/** The windows around this one whose recorder sees into it, nearest first: all of this origin without a gap. */
function around(): Window[] {
  const windows: Window[] = [];
  try {
    for (let at: Window = window; at.parent !== at; ) {
      at = at.parent;
      // Throws for another origin, and for a sandbox.
      if (at.document) windows.push(at);
    }
  } catch {
    // What is further out sees no more of this one than what is here.
  }
  return windows;
}

/** Whether the outermost page is of this origin, and shares this frame's storage. */
export function sharesTop(): boolean {
  return window !== top && around().includes(top as Window);
}

/** Whether a recorder around this frame tells what is in it. */
export function isCovered(): boolean {
  return around().some((each) => each.reelstream !== undefined);
}

/** Calls `begin` at once, or in a frame when it shows that no page around it records; not at all if one does. */
export function unlessCovered(begin: () => void): void {
  const windows = around();
  const patient = performance.now() + PATIENCE_MS;
  const look = (): void => {
    if (isCovered()) return;
    const loaded = windows.every((each) => each.document.readyState === "complete");
    if (loaded || performance.now() >= patient) begin();
    else setTimeout(look, LOOK_MS);
  };
  look();
}

/** Calls `end` when a recorder comes around this frame later. */
export function whenCovered(end: () => void, signal: AbortSignal): void {
  addEventListener(COVERED, () => isCovered() && end(), { signal });
}

/** This page has a recorder: those in its frames need not record. */
export function coverFrames(view: Window = window): void {
  for (let at = 0; at < view.length; at++) {
    try {
      const frame = view[at] as Window;
      frame.dispatchEvent(new Event(COVERED));
      coverFrames(frame);
    } catch {
      // Another origin's records by itself.
    }
  }
}
