/** One payload should take about this long: a page is left at any time, and what is on its way then is lost. */
export const LONG_MS = 8_000;
const SHORT_MS = 2_000;
/** JSON, in UTF-16 units: smaller pieces would only cost requests. */
const SMALLEST = 16 * 1024;

/** How much JSON, in UTF-16 units, one request should carry on this uplink. Nothing is cut until it shows to be slow. */
export class Uplink {
  limit = Infinity;

  /** A payload of `size` was stored after `ms`. */
  took(size: number, ms: number): void {
    if (ms > LONG_MS) this.refused(size);
    else if (ms < SHORT_MS && size > this.limit / 2) this.limit *= 2;
  }

  /** A payload of `size` was too slow or too large. */
  refused(size: number): void {
    this.limit = Math.max(SMALLEST, Math.min(this.limit, size / 2));
  }
}
