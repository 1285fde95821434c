import type { eventWithTime } from "@rrweb/types";

/** What may change an event of rrweb's before it is told. */
export interface Change {
  before(event: eventWithTime): void;
}

/** What is told beside rrweb's events: `before` and `after` stand around each of them. */
export interface Around extends Change {
  after(event: eventWithTime): void;
  /** Selectors of what the policy's rules depend on. */
  watchFor(selectors: readonly string[]): void;
  /** Nothing is recorded any more. */
  stop(): void;
}
