import type { Body } from "./body";
import { type Outcome, outcomeOf } from "./outcome";
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
/** Our choice: longer than a gateway waits for a body, so that its 408 comes first. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Makes the requests and keeps count of those that may outlive the page. */
export class Transport {
  private keepaliveBytes = 0;

  constructor(private readonly gateway: Gateway) {}

  /** How many bytes may still be sent by requests that outlive the page. */
  get keepaliveRoom(): number {
    return KEEPALIVE_LIMIT - this.keepaliveBytes;
  }

  /** Sends a sealed payload; `hiding` says that the page is going away. Never rejects. */
  async post(payload: Payload, { body, seq }: Sealed, hiding: boolean): Promise<Outcome> {
    // A browser whose keepalive allowance the page has used up refuses the request: retries do without.
    const keepalive = body.bytes.length <= this.keepaliveRoom && (hiding || payload.attempts === 0);
    const counted = keepalive ? body.bytes.length : 0;
    this.keepaliveBytes += counted;
    payload.attempts++;
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), REQUEST_TIMEOUT_MS);
    try {
      const response = await this.gateway.fetch(this.url(payload, body, seq), {
        method: "POST",
        body: body.bytes,
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
      // fetch rejects for the network alone: offline, refused, timed out, or no CORS header on the answer.
      return { kind: "retry", afterMs: 0 };
    } finally {
      clearTimeout(timer);
      this.keepaliveBytes -= counted;
    }
  }

  private url(payload: Payload, body: Body, seq: number): string {
    const { endpoint, key, window } = this.gateway;
    const { session, page } = payload.pageLoad;
    const query = new URLSearchParams({ page, seq: String(seq), t: String(Date.now()) });
    if (body.enc !== undefined) query.set("enc", body.enc);
    if (isKeyframe(payload)) query.set("kf", "1");
    return `${endpoint}/v1/replay/${encodeURIComponent(key)}/${session}/${window}?${query}`;
  }
}
