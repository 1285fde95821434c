import { compressedBody, cutToFit, halve, plainBody } from "./body";
import type { Unit } from "./buffer";
import { type Outcome, backoffMs } from "./outcome";
import { type PageLoad, type Payload, isKeyframe, payload, seal, sizeOf } from "./payload";
import { type Gateway, Transport } from "./transport";

export interface SenderOptions extends Gateway {
  /** The gateway will take no more, or too much waits; nothing is sent afterwards. */
  readonly onStop: (reason: string) => void;
  /** Events were given up that later ones build upon. */
  readonly onSnapshotNeeded: () => void;
}

/** JSON waiting to be sent, in UTF-16 units, beyond which recording ends rather than eat the page's memory. */
export const QUEUE_LIMIT = 32 * 1024 * 1024;

/** Sends payloads in order, one request at a time, until the gateway has them. Only a page hide sends several. */
export class Sender {
  private readonly transport: Transport;
  private queue: Payload[] = [];
  private pumping = false;
  private warned = false;

  constructor(private readonly options: SenderOptions) {
    this.transport = new Transport(options);
  }

  enqueue(pageLoad: PageLoad, units: readonly Unit[], user: string | null): void {
    this.queue.push(payload(pageLoad, units, user));
    if (this.queue.reduce((sum, waiting) => sum + sizeOf(waiting), 0) > QUEUE_LIMIT) {
      this.stop("more than 32 MiB wait to be sent");
    }
    void this.pump();
  }

  /**
   * Sends what waits by requests that outlive the page, as far as browsers allow. They are not compressed:
   * CompressionStream answers later, when the page may be gone. What does not fit waits for the page to return.
   */
  sendBeforeHide(): void {
    for (const waiting of [...this.queue]) {
      if (waiting.inFlight) continue;
      const room = this.transport.keepaliveRoom;
      if (waiting.sealed) {
        if (waiting.sealed.body.bytes.length > room) return;
        waiting.inFlight = this.transport.post(waiting, waiting.sealed, true);
        continue;
      }
      const [fits, rest] = cutToFit(waiting.units, waiting.user, room);
      if (fits.length === 0) return;
      const first = payload(waiting.pageLoad, fits, waiting.user);
      const later = rest.length > 0 ? [payload(waiting.pageLoad, rest, waiting.user)] : [];
      this.replace(waiting, [first, ...later]);
      const sealed = seal(first, plainBody(fits, first.user));
      first.inFlight = this.transport.post(first, sealed, true);
      if (rest.length > 0) return;
    }
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
      const outcome = await (head.inFlight ?? this.attempt(head));
      delete head.inFlight;
      // Gone from the queue: a page hide replaced it while it was compressed, or recording stopped.
      if (outcome !== null && this.queue[0] === head) await this.settle(head, outcome);
    }
    this.pumping = false;
  }

  /** Compresses and sends; null when the payload left the queue meanwhile. */
  private async attempt(head: Payload): Promise<Outcome | null> {
    const body = head.sealed?.body ?? (await compressedBody(head.units, head.user));
    if (this.queue[0] !== head) return null;
    head.inFlight = this.transport.post(head, seal(head, body), false);
    return head.inFlight;
  }

  private async settle(head: Payload, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "stored":
        this.queue.shift();
        return;
      case "retry": {
        const wait = backoffMs(head.attempts, outcome.afterMs, Math.random());
        await new Promise((resolve) => setTimeout(resolve, wait));
        return;
      }
      case "split":
        this.split(head);
        return;
      case "drop":
        this.queue.shift();
        this.warn(`the gateway refused a payload (${outcome.status}); it is dropped`);
        return;
      case "stop":
        this.stop(`the gateway answered ${outcome.status}`);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Too large: its halves take its number and the next, unless a page hide has already used the next. */
  private split(head: Payload): void {
    const seq = head.sealed?.seq;
    if (head.units.length > 1 && seq !== undefined && head.pageLoad.nextSeq === seq + 1) {
      head.pageLoad.nextSeq = seq;
      this.replace(
        head,
        halve(head.units).map((units) => payload(head.pageLoad, units, head.user)),
      );
      return;
    }
    this.queue.shift();
    this.warn("an event is too large for the gateway; it is dropped");
    // A new snapshot would be as large as the one refused: that one waits for the next regular snapshot.
    if (!isKeyframe(head)) this.options.onSnapshotNeeded();
  }

  private replace(old: Payload, parts: readonly Payload[]): void {
    this.queue.splice(this.queue.indexOf(old), 1, ...parts);
  }

  private stop(reason: string): void {
    this.queue = [];
    this.options.onStop(reason);
  }

  private warn(text: string): void {
    if (!this.warned) console.warn(`[reelstream] ${text}`);
    this.warned = true;
  }
}
