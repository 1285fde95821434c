import { vi } from "vitest";
import { gunzipSync } from "node:zlib";
import { Sender } from "../src/sender";
import type { Unsent } from "../src/unsent";

/** One request as the gateway would see it. */
export interface Received {
  path: string;
  seq: number;
  page: string;
  kf: boolean;
  keepalive: boolean;
  signal: AbortSignal | null | undefined;
  bytes: Uint8Array;
  text: string;
}

/** A body's content. */
export interface Envelope {
  events: unknown[];
  user?: string;
  captures?: string[];
  not_recorded?: { reason: string; count: number };
}

type Answer = number | Error | { status: number; headers: Record<string, string> };

/**
 * Stands in for the network: answers in the order given, then 202 for ever.
 * `hold` keeps requests unanswered until `release`.
 */
export class FakeGateway {
  readonly received: Received[] = [];
  hold = false;
  inFlight = 0;
  mostInFlight = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly answers: Answer[] = []) {}

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const bytes = init?.body as Uint8Array;
    this.received.push({
      path: url.pathname,
      seq: Number(url.searchParams.get("seq")),
      page: url.searchParams.get("page") ?? "",
      kf: url.searchParams.get("kf") === "1",
      keepalive: init?.keepalive ?? false,
      signal: init?.signal,
      bytes,
      text: (url.searchParams.get("enc") === "gzip" ? gunzipSync(bytes) : Buffer.from(bytes)).toString(),
    });
    const answer = this.answers.shift() ?? 202;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    if (this.hold) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.inFlight--;
    if (answer instanceof Error) throw answer;
    return typeof answer === "number"
      ? new Response(null, { status: answer })
      : new Response(null, { status: answer.status, headers: answer.headers });
  };

  release(): void {
    this.hold = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** What a payload said, whatever its form. */
  said(index: number): Envelope {
    const document = JSON.parse(this.received[index]?.text ?? "[]") as Envelope | unknown[];
    return Array.isArray(document) ? { events: document } : document;
  }

  /** A sender on this gateway, with spies on what it reports. */
  sender(unsent?: Unsent) {
    const onStop = vi.fn<(reason: string) => void>();
    const onSnapshotNeeded = vi.fn<() => void>();
    const sender = new Sender({
      endpoint: "http://gateway.test",
      key: "demo",
      window: "w",
      fetch: this.fetch,
      unsent,
      onStop,
      onSnapshotNeeded,
    });
    return { sender, onStop, onSnapshotNeeded };
  }
}
