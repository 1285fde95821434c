/** What an answer of the gateway asks of the recorder. */
export type Outcome =
  | { readonly kind: "stored" }
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "unreachable" }
  | { readonly kind: "smaller"; readonly slow: boolean }
  | { readonly kind: "drop"; readonly status: number }
  | { readonly kind: "stop"; readonly status: number };

/** First wait and longest wait between attempts: our choice, a minute being what a gateway restart may take. */
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_LONGEST_MS = 60_000;
/** A Retry-After beyond this is not believed. */
const RETRY_AFTER_LONGEST_MS = 10 * 60_000;

/** `retryAfter` is the header's text, seconds or an HTTP date; `now` is epoch ms. */
export function outcomeOf(status: number, retryAfter: string | null, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: "stored" };
  if (status === 408 || status === 413) return { kind: "smaller", slow: status === 408 };
  if (status === 429 || status >= 500) return { kind: "retry", afterMs: retryAfterMs(retryAfter, now) };
  if (status === 400 || status === 415) return { kind: "drop", status };
  return { kind: "stop", status };
}

/** Wait before attempt `attempts + 1`, in ms. `random` is in 0…1 and keeps clients from retrying in step. */
export function backoffMs(attempts: number, afterMs: number, random: number): number {
  const ceiling = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempts - 1, 16));
  const jitter = (ceiling / 2) * random;
  return afterMs > 0 ? afterMs + jitter : ceiling / 2 + jitter;
}

function retryAfterMs(text: string | null, now: number): number {
  if (text === null || text.trim() === "") return 0;
  const seconds = Number(text);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), RETRY_AFTER_LONGEST_MS) : 0;
}
