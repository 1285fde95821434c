import { compressedBody, plainBody } from "./body";
import type { Unit } from "./buffer";
import { asSent, sendWithPage } from "./departure";
import type { LossReason } from "./loss";
import { type Outcome, backoffMs } from "./outcome";
import { type PageLoad, type Payload, isKeyframe, payload, seal, sizeOf, unitsOf } from "./payload";
import { smaller } from "./smaller";
import { type Gateway, Transport } from "./transport";
import type { Unsent } from "./unsent";
import { LONG_MS, Uplink } from "./uplink";

export interface SenderOptions extends Gateway {
  /** Where what cannot leave in time waits for the next page; absent where nothing may be stored. */
  readonly unsent?: Unsent | undefined;
  /** Nothing is sent any more. */
  readonly onStop: (reason: string) => void;
  /** Events were given up that later ones build upon. */
  readonly onSnapshotNeeded: () => void;
}

/** JSON waiting behind what is being sent, in UTF-16 units, beyond which it is given up for a fresh snapshot. */
export const QUEUE_LIMIT = 32 * 1024 * 1024;
/** Attempts with one payload: a quarter of an hour of them with the longest waits between. */
export const ATTEMPTS_MAX = 20;
/** Failures from the first request on after which this page is cut off from the gateway: about two minutes. */
export const FAILURES_MAX = 8;
const FAILURES_TOLD = 3;
/** Refusals of bodies for their size or slowness, one after the other, before a whole payload is given up. */
const REFUSALS_MAX = 12;

/** Where a recorder's events go. */
export interface Outlet {
  /** Hears what the document says, until the signal: again for each document, since listeners go with one. */
  listen?(signal: AbortSignal): void;
  enqueue(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void;
  /** Says in the console, once for each reason, and to the server that something of this page load is missing. */
  lose(pageLoad: PageLoad, reason: LossReason, count: number): void;
  /** The page is hidden, or left for good. */
  sendBeforeHide(leaving?: boolean): void;
  /** Forgets what waits and gives up what is on its way. */
  discard(): void;
}

/** Sends payloads in order, one request at a time, until the gateway has them. Only a page hide sends several. */
export class Sender implements Outlet {
  private readonly transport: Transport;
  private readonly uplink = new Uplink();
  private queue: Payload[] = [];
  private pumping = false;
  private reached = false;
  private forbidding: string | null = null;
  private failures = 0;
  private refusals = 0;
  private readonly warned = new Set<string>();

  constructor(private readonly options: SenderOptions) {
    this.transport = new Transport(options);
  }

  enqueue(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void {
    const last = payload(pageLoad, units, user);
    this.queue.push(last);
    if (this.queue.slice(1).reduce((sum, waiting) => sum + sizeOf(waiting), 0) > QUEUE_LIMIT) {
      const snapshot = isKeyframe(last) ? last : null;
      this.giveUpQueue(snapshot, "queue_full", "more than 32 MiB wait to be sent; they are dropped");
    }
    if (this.forbidding !== null) this.cutOff(this.forbidding);
    void this.pump();
  }

  lose(pageLoad: PageLoad, reason: LossReason, count: number): void {
    this.warn(`something is not recorded: ${reason}`);
    this.queue.push(payload(pageLoad, [], null, { loss: { reason, count } }));
    void this.pump();
  }

  /**
   * Sends what can outlive the page. What cannot is sent by and by; if the page is being left, it is kept for the next
   * page of the origin, or the server is told.
   */
  sendBeforeHide(leaving = false): void {
    const { unsent } = this.options;
    const next = sendWithPage(this.queue, this.transport, unsent?.ready ?? false);
    if (!leaving) return;
    const rest = this.queue.splice(next);
    const kept = unsent?.keep(rest.map((each) => asSent(each, this.transport))) ?? 0;
    unsent?.pause();
    const [first, ...others] = rest.slice(kept);
    if (first === undefined) return;
    const loss = { reason: "left_early", count: unitsOf([first, ...others]) } as const;
    const told = payload(first.pageLoad, [], null, { loss });
    void this.transport.post(told, seal(told, plainBody(told)), true);
  }

  discard(): void {
    this.queue = [];
    this.transport.abort();
  }

  listen(signal: AbortSignal): void {
    const { origin } = new URL(this.options.endpoint);
    const hear = ({ disposition, effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): void => {
      if (disposition === "enforce" && effectiveDirective === "connect-src" && blockedURI.startsWith(origin)) {
        this.forbidden(`this page's Content-Security-Policy does not allow connect-src ${origin}`);
      }
    };
    addEventListener("securitypolicyviolation", hear, { signal });
  }

  /** The page itself forbids the gateway's address, which shows once something was to be sent. */
  forbidden(text: string): void {
    if (this.reached) return;
    this.forbidding = text;
    if (this.queue.length > 0) this.cutOff(text);
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
      const began = Date.now();
      try {
        const outcome = await (head.inFlight ?? this.attempt(head));
        delete head.inFlight;
        // Gone from the queue: a page hide replaced it while it was compressed, or recording stopped.
        if (outcome !== null && this.queue[0] === head) await this.settle(head, outcome, Date.now() - began);
      } catch {
        // No memory for it, say. Whatever it is must not hold up what follows.
        if (this.queue[0] === head) this.giveUp(head, false);
      }
      if (head.sealed && this.queue[0] !== head) this.options.unsent?.forget(asSent(head, this.transport));
    }
    this.pumping = false;
    if (this.reached) void this.options.unsent?.send(this.transport);
  }

  /** Compresses and sends; null when the payload left the queue meanwhile. */
  private async attempt(head: Payload): Promise<Outcome | null> {
    if (!head.sealed && head.units.length > 1 && sizeOf(head) > this.uplink.limit) {
      this.replace(head, smaller(head, true) ?? []);
      return null;
    }
    const body = head.sealed?.body ?? (await compressedBody(head));
    if (this.queue[0] !== head) return null;
    if (body === null) return { kind: "smaller", slow: false };
    head.inFlight = this.transport.post(head, seal(head, body), false);
    // A browser may end a page before it has written what the page stores as it is left.
    const { unsent } = this.options;
    void unsent?.opened.then(() => {
      if (head.inFlight && !head.outlives) unsent.ahead(asSent(head, this.transport));
    });
    return head.inFlight;
  }

  private async settle(head: Payload, outcome: Outcome, tookMs: number): Promise<void> {
    switch (outcome.kind) {
      case "stored":
        this.reached = true;
        this.failures = this.refusals = 0;
        this.uplink.took(sizeOf(head), tookMs);
        this.queue.shift();
        return;
      case "smaller":
        return this.makeSmaller(head, outcome.slow, true);
      case "unreachable":
        if (globalThis.navigator?.onLine === false) head.attempts = Math.min(head.attempts, 6);
        // Cut off in the middle: a proxy's way to say 408.
        else if (tookMs > LONG_MS) return this.makeSmaller(head, true, false);
        else if (++this.failures === FAILURES_TOLD && !this.reached) {
          this.warn("the gateway cannot be reached: is it down, or does an extension block it?");
        } else if (this.failures >= FAILURES_MAX && !this.reached) {
          return this.cutOff("the gateway cannot be reached");
        }
        return this.retry(head, 0);
      case "retry":
        return this.retry(head, outcome.afterMs);
      case "drop":
        this.warn(`the gateway refused a payload (${outcome.status}); it is dropped`);
        return this.giveUp(head, true);
      case "stop":
        this.queue = [];
        this.options.onStop(`the gateway answered ${outcome.status}`);
        return;
      default:
        outcome satisfies never;
    }
  }

  private async retry(head: Payload, afterMs: number): Promise<void> {
    if (head.attempts >= ATTEMPTS_MAX) return this.giveUp(head, false);
    const wait = backoffMs(head.attempts, afterMs, Math.random());
    await new Promise((resolve) => setTimeout(resolve, wait));
  }

  /** Too slow is tried once more as it is; then, and what is too large at once, it becomes smaller or is given up. */
  private async makeSmaller(head: Payload, slow: boolean, refused: boolean): Promise<void> {
    if (slow && head.slow++ === 0) return this.retry(head, 0);
    this.uplink.refused(sizeOf(head));
    if (++this.refusals > REFUSALS_MAX) {
      this.refusals = 0;
      return this.giveUpQueue(null, "refused", "the gateway takes nothing of what waits; it is dropped");
    }
    const parts = smaller(head, refused);
    if (parts !== null) return this.replace(head, parts);
    this.warn("an event is too large for the gateway or this uplink; it is dropped");
    this.giveUp(head, refused);
  }

  /** In its place the server is told; `refused` says that the gateway has not stored it. */
  private giveUp(head: Payload, refused: boolean): void {
    const keyframe = isKeyframe(head);
    const reason = keyframe ? "snapshot_too_large" : "refused";
    const loss = { reason, count: unitsOf([head]) } as const;
    const seq = refused ? head.sealed?.seq : undefined;
    this.replace(head, head.units.length > 0 ? [payload(head.pageLoad, [], null, { loss, seq })] : []);
    // A new snapshot would be as large as the one refused: that one waits for the next regular snapshot.
    if (!keyframe && head.units.length > 0) this.options.onSnapshotNeeded();
  }

  /** Gives up all that waits, and what is tried again and again, but for what is on its way and `spared`. */
  private giveUpQueue(spared: Payload | null, reason: LossReason, text: string): void {
    const lost = this.queue.filter((each) => !each.inFlight && each.units.length > 0 && each !== spared);
    const last = lost.at(-1);
    if (last === undefined) return;
    this.warn(text);
    this.queue = this.queue.filter((each) => !lost.includes(each) && each !== spared);
    this.queue.push(payload(last.pageLoad, [], null, { loss: { reason, count: unitsOf(lost) } }));
    if (spared !== null) this.queue.push(spared);
    else this.options.onSnapshotNeeded();
  }

  private cutOff(text: string): void {
    const [head] = this.queue;
    const loss = { reason: "blocked", count: unitsOf(this.queue) } as const;
    this.queue = [];
    const { unsent } = this.options;
    if (head) {
      const told = asSent(payload(head.pageLoad, [], null, { loss }), this.transport);
      void unsent?.opened.then(() => unsent.keep([told]));
    }
    this.options.onStop(text);
  }

  private replace(old: Payload, parts: readonly Payload[]): void {
    this.queue.splice(this.queue.indexOf(old), 1, ...parts);
  }

  private warn(text: string): void {
    if (!this.warned.has(text)) console.warn(`[reelstream] ${text}`);
    this.warned.add(text);
  }
}
