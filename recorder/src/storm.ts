import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";

/** JSON, in UTF-16 units: what changes of the page may be at once, and each second on average. */
export const BURST = 8 * 1024 * 1024;
export const PER_SECOND = 1024 * 1024;
/** How long a page is left alone when it changes faster; longer each time it goes on, up to a minute. */
const PAUSE_MS = 5_000;
const PAUSE_LONGEST_MS = 60_000;

/** What the page does by itself. What the visitor does is recorded in a storm too. */
const OF_THE_PAGE: ReadonlySet<IncrementalSource> = new Set([
  IncrementalSource.Mutation,
  IncrementalSource.StyleSheetRule,
  IncrementalSource.CanvasMutation,
  IncrementalSource.StyleDeclaration,
  IncrementalSource.AdoptedStyleSheet,
]);

/** Keeps a page that changes without end from filling memory and uplink. Times are ms of a clock that never goes back. */
export class Storm {
  private left = BURST;
  private at = 0;
  private until = -Infinity;
  private pause = PAUSE_MS;

  /** Whether this event is left out because the page is too busy. */
  drops(event: eventWithTime, now: number): boolean {
    return now < this.until && isOfThePage(event);
  }

  /** Counts an event that was recorded; above the budget, how long nothing is to be recorded, in ms, else 0. */
  spend(event: eventWithTime, size: number, now: number): number {
    if (!isOfThePage(event)) return 0;
    this.left = Math.min(BURST, this.left + ((now - this.at) / 1_000) * PER_SECOND) - size;
    this.at = now;
    if (this.left > 0) return 0;
    // A calm minute and the next storm is a first one.
    const first = now - this.until > PAUSE_LONGEST_MS;
    this.pause = first ? PAUSE_MS : Math.min(this.pause * 2, PAUSE_LONGEST_MS);
    this.until = now + this.pause;
    this.left = BURST / 2;
    return this.pause;
  }
}

function isOfThePage(event: eventWithTime): boolean {
  return event.type === EventType.IncrementalSnapshot && OF_THE_PAGE.has(event.data.source);
}
