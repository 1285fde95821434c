import { EventType, type eventWithTime, IncrementalSource, MouseInteractions } from "@rrweb/types";

/** So many clicks, each within this time (ms) and distance (px) of the one before it, are one rage click. */
const RAGE_CLICKS = 3;
const RAGE_MS = 1000;
const RAGE_PIXELS = 30;
/** A click after which nothing changes for so long, though the page goes on being recorded, is dead, ms. */
const DEAD_MS = 3000;
/** Clicks waiting for an effect; more come from no person. */
const WAITING = 16;
/** The pointer's own way, and what the browser does with any click. */
const NO_EFFECT = new Set<number>([
  IncrementalSource.MouseMove,
  IncrementalSource.MouseInteraction,
  IncrementalSource.TouchMove,
  IncrementalSource.Drag,
  IncrementalSource.Font,
  IncrementalSource.Log,
]);

/** Finds rage clicks and dead clicks by the definitions that the pipeline counts by, so that they can be sought. */
export class Clicks {
  #series = 0;
  #last = { at: 0, x: 0, y: 0 };
  #waiting: number[] = [];

  /** Reads an event, in their order; tells when clicks were made that it shows to be of a kind. */
  add(event: eventWithTime, tell: (kind: "rage" | "dead", at: number) => void): void {
    const at = event.timestamp;
    for (const each of this.#waiting) if (at - each > DEAD_MS) tell("dead", each);
    this.#waiting = this.#waiting.filter((each) => at - each <= DEAD_MS);
    // A click never has its effect in another page load.
    if (event.type === EventType.FullSnapshot) this.#series = 0;
    if (event.type === EventType.Plugin || isUnselected(event)) return;
    if (event.type !== EventType.IncrementalSnapshot || !NO_EFFECT.has(event.data.source)) {
      this.#waiting = [];
      return;
    }
    const { data } = event;
    if (data.source !== IncrementalSource.MouseInteraction || data.type !== MouseInteractions.Click) return;
    if (this.#click(at, data.x ?? 0, data.y ?? 0)) tell("rage", at);
  }

  #click(at: number, x: number, y: number): boolean {
    const { at: before, x: left, y: top } = this.#last;
    const near = Math.abs(x - left) <= RAGE_PIXELS && Math.abs(y - top) <= RAGE_PIXELS;
    this.#series = this.#series > 0 && near && Math.abs(at - before) <= RAGE_MS ? this.#series + 1 : 1;
    this.#last = { at, x, y };
    if (this.#waiting.length < WAITING) this.#waiting.push(at);
    return this.#series === RAGE_CLICKS;
  }
}

/** A click into a page takes a selection away. */
function isUnselected(event: eventWithTime): boolean {
  if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.Selection) return false;
  return (event.data.ranges ?? []).length === 0;
}
