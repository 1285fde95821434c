import type { Body } from "./body";
import { type Outcome, outcomeOf } from "./outcome";
import { pageNow } from "./page_clock";
import { isKeyframe, type Payload, type Sealed } from "./payload";

/** Where requests go and how they are made. */
export interface Gateway {
  /** Origin (and path prefix) of the gateway, without a slash at the end. */
  readonly endpoint: string;
  readonly key: string;
  readonly window: string;
  readonly fetch: typeof fetch;
}

/** Browsers refuse keepalive requests whose bodies together exceed 64 KiB; 4 KiB are left for the page's own. */
export const KEEPALIVE_LIMIT = 60 * 1024;
/**
 * Longer than a gateway waits for a body of so many bytes, so that its 408 comes first: it takes what brings 1 000
 * bytes a second, for 300 s.
 */
const timeoutMs = (bytes: number): number => Math.min(60_000 + bytes, 330_000);

/** Makes the requests and keeps count of those that may outlive the page. */
export class Transport {
  private keepaliveBytes = 0;
  private readonly open = new Set<AbortController>();

  constructor(private readonly gateway: Gateway) {}

  /** How many bytes may still be sent by requests that outlive the page. */
  get keepaliveRoom(): number {
    return KEEPALIVE_LIMIT - this.keepaliveBytes;
  }

  /** Sends a sealed payload; `hiding` says that the page is going away. Never rejects. */
  post(payload: Payload, sealed: Sealed, hiding: boolean): Promise<Outcome> {
    const { bytes } = sealed.body;
    // A browser whose keepalive allowance the page has used up refuses the request: retries do without.
    const keepalive = bytes.length <= this.keepaliveRoom && (hiding || payload.attempts === 0);
    payload.outlives = keepalive;
    payload.attempts++;
    return this.send(this.address(payload, sealed), bytes, keepalive);
  }

  /** Makes one request to an address of `address`. Never rejects. */
  async send(address: string, bytes: Body["bytes"], keepalive: boolean): Promise<Outcome> {
    const counted = keepalive ? bytes.length : 0;
    this.keepaliveBytes += counted;
    const aborter = new AbortController();
    this.open.add(aborter);
    const timer = setTimeout(() => aborter.abort(), timeoutMs(bytes.length));
    try {
      const response = await this.gateway.fetch(`${address}&t=${pageNow()}`, {
        method: "POST",
        body: bytes,
        // `Content-Encoding` or a JSON content type would cost every payload a CORS preflight, which a page
        // that is closing cannot wait for; hence plain text, and the encoding in the query.
        headers: { "Content-Type": "text/plain;charset=UTF-8" },
        credentials: "omit",
        cache: "no-store",
        keepalive,
        signal: aborter.signal,
      });
      return outcomeOf(response.status, response.headers.get("Retry-After"), Date.now());
    } catch {
      // fetch rejects for the network alone: offline, forbidden, refused, timed out, or no CORS header on the answer.
      return { kind: "unreachable" };
    } finally {
      clearTimeout(timer);
      this.open.delete(aborter);
      this.keepaliveBytes -= counted;
    }
  }

  /** Gives up every request on its way. */
  abort(): void {
    for (const aborter of this.open) aborter.abort();
  }

  /** Beginning of the addresses this project's payloads go to. */
  get folder(): string {
    return `${this.gateway.endpoint}/v1/replay/${encodeURIComponent(this.gateway.key)}/`;
  }

  /** The tab's. */
  get window(): string {
    return this.gateway.window;
  }

  /** Where a sealed payload goes, but for the time of sending. */
  address(payload: Payload, { body, seq }: Sealed): string {
    const { session, page } = payload.pageLoad;
    return (
      `${this.folder}${session}/${this.gateway.window}?page=${page}&seq=${seq}` +
      (body.enc ? `&enc=${body.enc}` : "") +
      (isKeyframe(payload) ? "&kf=1" : "")
    );
  }
}
