import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import type { recordOptions } from "rrweb";
import { v7 as uuidv7 } from "uuid";
import type { Around } from "./around";
import { EventBuffer } from "./buffer";
import type { LossReason } from "./loss";
import { pageNow, resetPageClock } from "./page_clock";
import type { PageLoad } from "./payload";
import { isSampled } from "./sampling";
import type { Outlet } from "./sender";
import type { SessionClock } from "./session";
import { Storm } from "./storm";

/** A full snapshot at least this often, so that a player can seek and a lost payload costs minutes at most. */
const CHECKOUT_MS = 5 * 60_000;
/** JSON, in UTF-16 units, that is sent without waiting for the timer. */
const FLUSH_SIZE = 256 * 1024;
/** What is told before a page load's first snapshot, and waits for it, at most. */
const EARLY_MAX = 200;

const USER_SOURCES: ReadonlySet<IncrementalSource> = new Set([
  IncrementalSource.MouseMove,
  IncrementalSource.MouseInteraction,
  IncrementalSource.Scroll,
  IncrementalSource.ViewportResize,
  IncrementalSource.Input,
  IncrementalSource.TouchMove,
  IncrementalSource.Drag,
  IncrementalSource.Selection,
]);

/** rrweb's own options, without those the recorder sets. */
export type RrwebOptions = Omit<recordOptions<eventWithTime>, "emit" | "packFn" | "checkoutEveryNth">;

/** The part of rrweb's `record` in use. */
export interface RrwebRecord {
  (options: recordOptions<eventWithTime>): (() => void) | undefined;
  takeFullSnapshot(isCheckout?: boolean): void;
}

export interface RecorderOptions {
  readonly samplePercent: number;
  readonly flushMs: number;
  readonly rrweb: RrwebOptions;
  /** Selectors of what the policy's rules depend on. */
  readonly watch: readonly string[];
  /** What would be told if it happened. */
  readonly captures?: readonly string[];
}

/** Records the page, cuts the stream into payloads, and begins a new one when the session rolls over. */
export class Recorder {
  private readonly buffer = new EventBuffer();
  private readonly storm = new Storm();
  private pageLoad: PageLoad | null = null;
  private stopRrweb: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private idle = false;
  private snapshotDue = false;
  private failed: PageLoad | null = null;
  private around: Around;
  /** Null once the page load has a snapshot. */
  private early: eventWithTime[] | null = [];

  constructor(
    private readonly record: RrwebRecord,
    private readonly clock: SessionClock,
    private readonly sender: Outlet,
    private options: RecorderOptions,
    private user: string | null,
    private readonly surround: (tell: (event: eventWithTime) => void) => Around,
  ) {
    this.around = surround((event) => this.tell(event));
  }

  /** The session being recorded, or null when none is. */
  get session(): string | null {
    return this.pageLoad?.session ?? null;
  }

  /** Opening a page is a sign of the user. Records nothing when sampling leaves the session out. */
  start(): void {
    if (!this.begin(this.clock.at(Date.now(), true))) return;
    this.around.watchFor(this.options.watch);
    this.run();
  }

  /**
   * From now on records so, with a fresh snapshot if it is to be `anew` or rrweb cannot change while it runs. False:
   * sampling leaves the session out, and recording has ended.
   */
  configure(options: RecorderOptions, anew = false): boolean {
    const again = anew || fixed(options.rrweb) !== fixed(this.options.rrweb);
    this.options = options;
    if (this.pageLoad === null) return false;
    if (options.captures) this.pageLoad.captures = options.captures;
    if (!isSampled(this.pageLoad.session, options.samplePercent)) {
      this.end();
      return false;
    }
    this.around.watchFor(options.watch);
    if (again) this.restart();
    return true;
  }

  /** Forgets what is buffered and records the page from a fresh snapshot on. */
  private restart(): void {
    this.stopRrweb?.();
    this.buffer.take();
    this.run();
  }

  /** A page load of its own begins in this window: the page came back, or has another document. */
  renew(): void {
    if (this.pageLoad === null) return;
    this.stopRrweb?.();
    this.flush();
    this.buffer.take();
    this.around.stop();
    if (!this.begin(this.clock.at(Date.now(), true))) return this.end();
    this.idle = this.snapshotDue = false;
    this.around = this.surround((event) => this.tell(event));
    this.around.watchFor(this.options.watch);
    this.run();
  }

  /** Something beside rrweb's events. Storms do not hold it up: a mark may be what it tells. */
  tell(event: eventWithTime): void {
    if (this.pageLoad === null || this.idle) return;
    // Nothing comes before the first snapshot.
    if (this.early !== null) {
      if (this.early.length < EARLY_MAX) this.early.push(event);
      return;
    }
    this.buffer.add({ ...event, timestamp: pageNow() });
    this.schedule(false);
  }

  /** Ends recording; what was recorded is still sent. */
  stop(): void {
    this.flush();
    this.end();
  }

  /** From the next payload on, says whose session it is; null takes it back. */
  identify(user: string | null): void {
    this.user = user;
  }

  /** Hands what is buffered to the sender. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const units = this.buffer.take();
    if (this.pageLoad !== null && units.length > 0) this.sender.enqueue(this.pageLoad, units, this.user);
  }

  /** Sends at once what can be sent while the page is hidden, or left for good. */
  hide(leaving = false): void {
    // There will be no snapshot.
    if (leaving) this.tellEarly();
    this.flush();
    this.sender.sendBeforeHide(leaving);
  }

  /** Tells the server that something of this page load is missing. */
  lose(reason: LossReason, count: number): void {
    this.flush();
    if (this.pageLoad !== null) this.sender.lose(this.pageLoad, reason, count);
  }

  /** Ends recording and forgets what is buffered: the gateway wants no more. */
  end(): void {
    clearTimeout(this.timer);
    this.stopRrweb?.();
    this.stopRrweb = undefined;
    this.buffer.take();
    this.pageLoad = null;
    this.around.stop();
  }

  takeFullSnapshot(): void {
    if (this.pageLoad !== null) this.record.takeFullSnapshot(true);
  }

  private onEmit(event: eventWithTime): void {
    try {
      // rrweb gives a Meta before each snapshot, and none after it when it cannot take one.
      event.timestamp = pageNow();
      if (this.snapshotDue && event.type !== EventType.FullSnapshot) this.fail();
      this.snapshotDue = event.type === EventType.Meta;
      this.onEvent(event);
    } catch {
      this.fail();
    }
  }

  /** Something of this page load cannot be recorded; it is told once. */
  private fail(): void {
    if (this.failed === this.pageLoad) return;
    this.failed = this.pageLoad;
    this.lose("failed", 1);
  }

  private onEvent(event: eventWithTime): void {
    if (this.pageLoad === null) return;
    // A full snapshot follows its Meta at once and goes wherever that went.
    if (event.type !== EventType.FullSnapshot) {
      const active = isUserActivity(event);
      const session = this.clock.at(Date.now(), active);
      this.idle = session === null;
      if (session !== null && session !== this.pageLoad.session) {
        this.flush();
        if (!this.begin(session)) return this.end();
        if (event.type !== EventType.Meta) {
          this.record.takeFullSnapshot(true);
          // The snapshot holds what other events did; what the user did is kept, in order after it.
          if (!active) return;
          event = { ...event, timestamp: pageNow() };
        }
      }
    }
    if (!this.idle) this.append(event);
  }

  private append(event: eventWithTime): void {
    this.around.before(event);
    if (this.storm.drops(event, performance.now())) return;
    const before = this.buffer.size;
    this.buffer.add(event);
    if (event.type === EventType.FullSnapshot) this.tellEarly();
    this.around.after(event);
    const pause = this.storm.spend(event, this.buffer.size - before, performance.now());
    if (pause > 0) {
      this.lose("too_busy", 1);
      setTimeout(() => this.takeFullSnapshot(), pause);
    }
    // A snapshot goes out at once: a page left within the second would be nothing without it.
    this.schedule(event.type === EventType.FullSnapshot);
  }

  private tellEarly(): void {
    const early = this.early ?? [];
    this.early = null;
    for (const event of early) this.tell(event);
  }

  private schedule(atOnce: boolean): void {
    if (atOnce || this.buffer.size >= FLUSH_SIZE) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.options.flushMs);
  }

  private run(): void {
    try {
      this.stopRrweb = this.record({
        recordAfter: "DOMContentLoaded",
        checkoutEveryNms: CHECKOUT_MS,
        maskInputOptions: { password: true },
        ...this.options.rrweb,
        emit: (event) => this.onEmit(event),
      });
    } catch {
      this.stopRrweb = undefined;
    }
    // rrweb says in the console what it stumbled over.
    if (this.stopRrweb !== undefined) return;
    this.fail();
    this.end();
  }

  private begin(session: string | null): boolean {
    if (session === null || !isSampled(session, this.options.samplePercent)) return false;
    resetPageClock();
    const { captures } = this.options;
    this.pageLoad = { session, page: uuidv7(), nextSeq: 0, ...(captures && { captures }) };
    this.early = [];
    return true;
  }
}

function isUserActivity(event: eventWithTime): boolean {
  return event.type === EventType.IncrementalSnapshot && USER_SOURCES.has(event.data.source);
}

/** What rrweb cannot change while it runs, and a configuration can. */
function fixed({ maskInputOptions, recordCanvas, inlineImages }: RrwebOptions): string {
  return JSON.stringify([maskInputOptions, recordCanvas, inlineImages]);
}
