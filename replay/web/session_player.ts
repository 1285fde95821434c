import type { Replayer } from "@rrweb/replay";
import type { Screen } from "./screen";
import { idle, leftAt, type Span, seenAt, spans, windowAt } from "./timeline";
import type { LoadedWindow, Windows } from "./windows";

type Handler = (payload?: unknown) => void;
const OWN = new Set(["start", "pause", "finish", "time", "error"]);
/** Idle time takes this long, ms. */
const IDLE_TAKES_MS = 4000;
/** A picture that took longer than this is drawn anew at the right moment, ms. */
const LATE_MS = 1000;

/**
 * Plays a session on one time line, following the window that is looked at, or one that is pinned. Offsets are ms since
 * the first event of the playable windows. It has those methods of rrweb's `Replayer` that make sense for several.
 */
export class SessionPlayer {
  readonly start: number;
  readonly end: number;
  readonly spans: Span[];
  readonly idle: [number, number][];
  pinned: string | null = null;
  playing = false;
  /** Epoch ms. */
  at: number;
  readonly #lanes: readonly LoadedWindow[];
  readonly #windows: Windows;
  readonly #screen: Screen;
  readonly #handlers = new Map<string, Set<Handler>>();
  #speed = 1;
  #skip = true;
  #factor = 0;
  #drawn = 0;
  #seeks = 0;
  /** Shown though it was not looked at, since a person asked for it, until `until`. */
  #asked: { window: string; until: number } | null = null;

  /** `lanes` are playable and at least one. */
  constructor(lanes: readonly LoadedWindow[], windows: Windows, screen: Screen) {
    this.#lanes = lanes;
    this.#windows = windows;
    this.#screen = screen;
    this.start = Math.min(...lanes.map(({ first }) => first));
    this.end = Math.max(...lanes.map(({ last }) => last));
    this.spans = spans(lanes);
    this.idle = idle(lanes, this.start, this.end);
    this.at = this.start;
  }

  get iframe(): HTMLIFrameElement {
    return (this.#screen.replayer as Replayer).iframe;
  }

  /** The window that is shown. */
  get window(): string | null {
    return this.#screen.window;
  }

  get config(): { speed: number; skipInactive: boolean } {
    return { speed: this.#speed, skipInactive: this.#skip };
  }

  getMirror(): ReturnType<Replayer["getMirror"]> {
    return (this.#screen.replayer as Replayer).getMirror();
  }

  getMetaData(): { startTime: number; endTime: number; totalTime: number } {
    return { startTime: this.start, endTime: this.end, totalTime: this.end - this.start };
  }

  getCurrentTime(): number {
    return this.at - this.start;
  }

  on(name: string, handler: Handler): this {
    if (!OWN.has(name)) this.#screen.on(name, handler);
    else this.#handlers.set(name, (this.#handlers.get(name) ?? new Set()).add(handler));
    return this;
  }

  off(name: string, handler: Handler): this {
    this.#handlers.get(name)?.delete(handler);
    return this;
  }

  setConfig({ speed, skipInactive }: { speed?: number; skipInactive?: boolean }): void {
    this.#speed = speed ?? this.#speed;
    this.#skip = skipInactive ?? this.#skip;
    this.#pace();
  }

  /** Plays from an offset. */
  play(offset = 0): void {
    this.#asked = null;
    this.at = this.start + offset;
    this.resume();
  }

  /** Plays on from where it is, from the start if that is the end. */
  resume(): void {
    this.playing = true;
    this.#emit("start");
    this.#seek(this.at > this.end ? this.start : this.at);
  }

  /** Stops, or shows the moment at an offset. */
  pause(offset?: number): void {
    this.playing = false;
    if (offset === undefined) this.#screen.stop();
    else {
      this.#asked = null;
      this.#seek(this.start + offset);
    }
    this.#emit("pause");
  }

  /** Goes to a moment (epoch ms) and plays on if it was playing. Without `window`, whatever was looked at is shown. */
  seek(at: number, window: string | null = null): void {
    if (window !== null && this.pinned !== null) this.pinned = window;
    this.#asked = window === null ? null : { window, until: leftAt(this.spans, at, window) };
    this.#seek(at);
  }

  /** Shows a page of a window that is announced at `at`. */
  open(window: string, at: number): void {
    const lane = this.#lanes.find(({ id }) => id === window);
    if (lane) this.seek(seenAt(lane, at), window);
  }

  /** Shows one window only, or again the one that is looked at. */
  pin(window: string | null): void {
    this.pinned = window;
    this.#asked = null;
    this.#seek(this.at);
  }

  #wanted(): string | null {
    if (this.pinned !== null) return this.pinned;
    if (this.#asked !== null && this.at < this.#asked.until) return this.#asked.window;
    this.#asked = null;
    return windowAt(this.spans, this.at);
  }

  #seek(at: number): void {
    this.at = Math.min(Math.max(at, this.start), this.end + 1);
    const wanted = this.#wanted();
    const lane = this.#lanes.find(({ id }) => id === wanted);
    this.#seeks += 1;
    if (lane === undefined) return;
    const draw = () => {
      this.#screen.seek(this.at, this.playing);
      this.#factor = 0;
      this.#pace();
      this.#emit("time");
      if (this.playing) this.#run(this.#seeks);
    };
    if (this.#screen.window === wanted) return draw();
    const held = this.#windows.held(lane.id);
    const show = (events: Parameters<Screen["open"]>[1]) => {
      this.#screen.open(lane.id, events, lane.snapshots, lane.topLayer);
      draw();
    };
    if (held !== null) return show(held);
    const turn = this.#seeks;
    const late = this.#windows.events(lane.id, new AbortController().signal);
    late.then((events) => turn === this.#seeks && show(events)).catch((error: unknown) => this.#emit("error", error));
  }

  /** Follows the time until something else is asked for. */
  #run(turn: number): void {
    this.#drawn = performance.now();
    const step = () => {
      if (turn !== this.#seeks || !this.playing) return;
      const passed = performance.now() - this.#drawn;
      this.#drawn += passed;
      this.at = Math.min(this.at + passed * this.#factor, this.end + 1);
      if (this.at > this.end) return this.#finish();
      if (this.#wanted() !== this.#screen.window || passed > LATE_MS) return this.#seek(this.at);
      this.#pace();
      this.#screen.follow(this.at);
      this.#emit("time");
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #finish(): void {
    this.playing = false;
    this.#seek(this.end + 1);
    this.#emit("finish");
  }

  /** As fast as asked for; faster where nobody did anything. */
  #pace(): void {
    const stretch = this.#skip ? this.idle.find(([from, to]) => from <= this.at && this.at < to) : undefined;
    const skipping = stretch ? (stretch[1] - stretch[0]) / IDLE_TAKES_MS : 0;
    const factor = Math.max(this.#speed, skipping);
    if (factor === this.#factor) return;
    this.#factor = factor;
    this.#screen.speed(factor);
  }

  #emit(name: string, payload?: unknown): void {
    for (const handler of this.#handlers.get(name) ?? []) handler(payload);
  }
}
