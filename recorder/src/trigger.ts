import type { Unit } from "./buffer";
import type { Loss, LossReason } from "./loss";
import type { PageLoad } from "./payload";
import type { Outlet } from "./sender";
import type { KeyValue } from "./storage";

/** What is held goes back at least so far, in ms, if it fits. */
export const HELD_MS = 2 * 60_000;
/** JSON held in memory at most, in UTF-16 units. */
export const HELD_SIZE = 8 * 1024 * 1024;
/** Key of the session in which a trigger fired: its later pages are sent from their beginning. */
export const FIRED = "reelstream.triggered";

/** A snapshot and what followed it. */
interface Segment {
  readonly pageLoad: PageLoad;
  readonly at: number;
  readonly parts: { readonly units: readonly Unit[]; readonly user: string | null; readonly loss?: Loss }[];
  size: number;
}

/** Holds what is recorded in memory until it fires, and lets everything through from then on. */
export class Trigger implements Outlet {
  private segments: Segment[] = [];
  private fired = false;
  private readonly patterns: RegExp[];
  private readonly onErrors: boolean;

  /**
   * `words` say what fires it: `error`, and patterns of addresses in which `*` stands for anything, compared with the
   * whole address or, if they begin with a slash, with the path and what follows. The page's call always does.
   */
  constructor(
    words: string,
    private readonly next: Outlet,
    private readonly storage: KeyValue,
    private readonly onSnapshotNeeded: () => void,
  ) {
    const all = words.split(/\s+/);
    this.patterns = all.filter((word) => /[/*]/.test(word)).map(pattern);
    this.onErrors = all.includes("error");
  }

  listen(signal: AbortSignal): void {
    this.next.listen?.(signal);
    if (!this.onErrors) return;
    for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, () => this.fire(), { signal });
  }

  /** Sends what is held, and what comes from now on. */
  fire(): void {
    if (this.fired) return;
    this.fired = true;
    const segments = this.segments;
    this.segments = [];
    const last = segments.at(-1);
    if (last) this.storage.set(FIRED, last.pageLoad.session);
    for (const { pageLoad, parts } of segments) {
      for (const { units, user, loss } of parts) {
        if (loss) this.next.lose(pageLoad, loss.reason, loss.count);
        else this.next.enqueue(pageLoad, units, user);
      }
    }
  }

  enqueue(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void {
    this.fired ||= this.storage.get(FIRED) === pageLoad.session;
    if (this.fired) {
      this.storage.set(FIRED, pageLoad.session);
      this.next.enqueue(pageLoad, units, user);
      return;
    }
    const { href, origin } = location;
    const cut = units.findIndex(({ keyframe }) => keyframe);
    this.hold(pageLoad, cut < 0 ? units : units.slice(0, cut), user);
    if (cut >= 0) {
      this.segments.push({ pageLoad, at: Date.now(), parts: [], size: 0 });
      this.hold(pageLoad, units.slice(cut), user);
    }
    if (this.patterns.some((each) => each.test(href) || each.test(href.slice(origin.length)))) this.fire();
    else this.trim();
  }

  lose(pageLoad: PageLoad, reason: LossReason, count: number): void {
    if (this.fired) this.next.lose(pageLoad, reason, count);
    else this.segments.at(-1)?.parts.push({ units: [], user: null, loss: { reason, count } });
  }

  sendBeforeHide(leaving?: boolean): void {
    if (this.fired) this.next.sendBeforeHide(leaving);
    else if (leaving) this.segments = [];
  }

  discard(): void {
    this.segments = [];
    this.next.discard();
  }

  /** What comes before the first snapshot cannot be shown. */
  private hold(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void {
    const segment = this.segments.at(-1);
    if (segment?.pageLoad !== pageLoad || units.length === 0) return;
    segment.parts.push({ units, user });
    segment.size += units.reduce((sum, { json }) => sum + json.length, 0);
  }

  private trim(): void {
    const since = Date.now() - HELD_MS;
    let size = this.segments.reduce((sum, segment) => sum + segment.size, 0);
    for (let next = this.segments[1]; next && (next.at <= since || size > HELD_SIZE); next = this.segments[1]) {
      size -= this.segments.shift()?.size ?? 0;
    }
    if (size <= HELD_SIZE) return;
    const [segment] = this.segments;
    this.segments = [];
    // A snapshot too large by itself would be so again: that one waits for the next regular one.
    if (segment && segment.parts.length > 1) this.onSnapshotNeeded();
  }
}

function pattern(word: string): RegExp {
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${word.split("*").map(literal).join(".*")}$`);
}
