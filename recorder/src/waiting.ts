import type { Unit } from "./buffer";
import type { LossReason } from "./loss";
import type { PageLoad } from "./payload";
import type { Outlet } from "./sender";

/** JSON that waits for the configuration at most, in UTF-16 units. */
export const WAITING_SIZE = 8 * 1024 * 1024;

type Call = (next: Outlet) => void;

/** Holds what is recorded until it is known whether it may be sent, and lets everything through from then on. */
export class Waiting implements Outlet {
  private calls: Call[] | null = [];
  private size = 0;
  private overflowed = false;

  constructor(
    private readonly next: Outlet,
    private readonly onSnapshotNeeded: () => void,
  ) {}

  /** It may be sent: what waited, and what comes. */
  open(): void {
    const calls = this.calls;
    if (calls === null) return;
    this.calls = null;
    for (const call of calls) call(this.next);
    // What was let go cannot be built upon.
    if (this.overflowed) this.onSnapshotNeeded();
  }

  /** What waited is forgotten; what comes waits. */
  forget(): void {
    if (this.calls === null) return;
    this.calls = [];
    this.size = 0;
  }

  enqueue(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void {
    this.size += units.reduce((sum, { json }) => sum + json.length, 0);
    if (this.calls !== null && this.size > WAITING_SIZE) {
      this.overflowed = true;
      this.calls = [];
      return;
    }
    this.do((next) => next.enqueue(pageLoad, units, user));
  }

  lose(pageLoad: PageLoad, reason: LossReason, count: number): void {
    this.do((next) => next.lose(pageLoad, reason, count));
  }

  /** A page that is left before the answer was recorded as if there were none: with all inputs masked. */
  sendBeforeHide(leaving?: boolean): void {
    if (leaving) this.open();
    this.do((next) => next.sendBeforeHide(leaving));
  }

  discard(): void {
    this.calls = null;
    this.next.discard();
  }

  private do(call: Call): void {
    if (this.calls === null) call(this.next);
    else this.calls.push(call);
  }
}
