import { leftAt, type Span, windowAt } from "./timeline";

/** Which window is to be shown: a pinned one, one that was asked for, or the one that was looked at. */
export class Choice {
  pinned: string | null = null;
  readonly #spans: readonly Span[];
  /** Shown though it was not looked at, since a person asked for it, until another one is looked at. */
  #asked: { window: string; until: number } | null = null;

  constructor(spans: readonly Span[]) {
    this.#spans = spans;
  }

  /** Asks for a window from `at` on; null asks for none. A pin moves with it. */
  ask(window: string | null, at: number): void {
    if (window !== null && this.pinned !== null) this.pinned = window;
    this.#asked = window === null ? null : { window, until: leftAt(this.#spans, at, window) };
  }

  /** Shows one window only, or again the one that is looked at. */
  pin(window: string | null): void {
    this.pinned = window;
    this.#asked = null;
  }

  at(at: number): string | null {
    if (this.pinned !== null) return this.pinned;
    if (this.#asked !== null && at >= this.#asked.until) this.#asked = null;
    return this.#asked?.window ?? windowAt(this.#spans, at);
  }
}
