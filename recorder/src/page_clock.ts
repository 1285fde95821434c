/** How far the system's clock may run ahead of ours before the machine is taken to have slept, in ms. */
const SLEPT_MS = 2_000;

let anchor = Date.now() - performance.now();

/** Begins anew by the system's clock: a page load begins. */
export function resetPageClock(): void {
  anchor = Date.now() - performance.now();
}

/**
 * Epoch ms that never go back within a page load, whatever is done to the system's clock. They go forward with it:
 * while a machine sleeps, a browser's steady clock may stand still.
 */
export function pageNow(): number {
  const wall = Date.now();
  if (wall - performance.now() - anchor > SLEPT_MS) anchor = wall - performance.now();
  return Math.floor(anchor + performance.now());
}
