import type { Replayer } from "@rrweb/replay";
import { Choice } from "./choice";
import { type Handler, Handlers } from "./handlers";
import { Pace } from "./pace";
import type { Screen } from "./screen";
import { idle, type Span, seenAt, spans } from "./timeline";
import type { LoadedWindow, Windows } from "./windows";

const OWN = new Set(["start", "pause", "finish", "time", "error"]);
/** A picture this much before its time is said to be, ms. */
const EARLY_MS = 1000;
/** Idle time is shown in steps, at most this often, ms. */
const STEP_MS = 250;

/**
 * Plays a session on one time line, following the window that is looked at, or one that is pinned. Offsets are ms since
 * the first event of the playable windows. It has those methods of rrweb's `Replayer` that make sense for several.
 */
export class SessionPlayer {
  readonly start: number;
  readonly end: number;
  readonly spans: Span[];
  readonly idle: [number, number][];
  playing = false;
  /** Epoch ms. */
  at: number;
  readonly #lanes: readonly LoadedWindow[];
  readonly #windows: Windows;
  readonly #screen: Screen;
  readonly #handlers = new Handlers();
  readonly #pace: Pace;
  #drawn = 0;
  #stepped = 0;
  #seeks = 0;
  readonly #choice: Choice;

  /** `lanes` are playable and at least one. */
  constructor(lanes: readonly LoadedWindow[], windows: Windows, screen: Screen) {
    this.#lanes = lanes;
    this.#windows = windows;
    this.#screen = screen;
    this.start = Math.min(...lanes.map(({ first }) => first));
    this.end = Math.max(...lanes.map(({ last }) => last));
    this.spans = spans(lanes);
    this.#choice = new Choice(this.spans);
    this.idle = idle(lanes, this.start, this.end);
    this.#pace = new Pace(this.idle);
    this.at = this.start;
  }

  get pinned(): string | null {
    return this.#choice.pinned;
  }

  get iframe(): HTMLIFrameElement {
    return (this.#screen.replayer as Replayer).iframe;
  }

  /** The window that is shown. */
  get window(): string | null {
    return this.#screen.window;
  }

  /** Whether the window that is shown had no picture yet: a pinned one may have been opened later. */
  get early(): boolean {
    const lane = this.#lanes.find(({ id }) => id === this.window);
    return lane !== undefined && (lane.snapshots[0] ?? 0) - this.at > EARLY_MS;
  }

  get config(): { speed: number; skipInactive: boolean } {
    return { speed: this.#pace.speed, skipInactive: this.#pace.skip };
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
    else this.#handlers.on(name, handler);
    return this;
  }

  off(name: string, handler: Handler): this {
    this.#handlers.off(name, handler);
    return this;
  }

  setConfig({ speed, skipInactive }: { speed?: number; skipInactive?: boolean }): void {
    this.#pace.speed = speed ?? this.#pace.speed;
    this.#pace.skip = skipInactive ?? this.#pace.skip;
    this.#screen.speed(this.#pace.speed);
    if (this.playing) this.#seek(this.at);
  }

  /** Plays from an offset. */
  play(offset = 0): void {
    this.at = this.start + offset;
    this.#choice.ask(null, this.at);
    this.resume();
  }

  /** Plays on from where it is, from the start if that is the end. */
  resume(): void {
    this.playing = true;
    this.#handlers.emit("start");
    this.#seek(this.at > this.end ? this.start : this.at);
  }

  /** Stops, or shows the moment at an offset. */
  pause(offset?: number): void {
    this.playing = false;
    if (offset === undefined) this.#screen.stop();
    else {
      this.#choice.ask(null, this.at);
      this.#seek(this.start + offset);
    }
    this.#handlers.emit("pause");
  }

  /** Goes to a moment (epoch ms) and plays on if it was playing. Without `window`, whatever was looked at is shown. */
  seek(at: number, window: string | null = null): void {
    this.#choice.ask(window, at);
    this.#seek(at);
  }

  /** Shows a page of a window that is announced at `at`. */
  open(window: string, at: number): void {
    const lane = this.#lanes.find(({ id }) => id === window);
    if (lane) this.seek(seenAt(lane, at), window);
  }

  /** Shows one window only, or again the one that is looked at. */
  pin(window: string | null): void {
    this.#choice.pin(window);
    this.#seek(this.at);
  }

  #seek(at: number): void {
    this.at = Math.min(Math.max(at, this.start), this.end + 1);
    const wanted = this.#choice.at(this.at);
    const lane = this.#lanes.find(({ id }) => id === wanted);
    this.#seeks += 1;
    if (lane === undefined) return;
    const draw = () => {
      this.#screen.speed(this.#pace.speed);
      this.#screen.seek(this.at, this.playing && this.#pace.idleUntil(this.at) === null);
      this.#handlers.emit("time");
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
    this.#windows
      .events(lane.id)
      .then((events) => turn === this.#seeks && show(events))
      .catch((error: unknown) => this.#handlers.emit("error", error));
  }

  /** Follows the time until something else is asked for. */
  #run(turn: number): void {
    this.#drawn = performance.now();
    const step = () => {
      if (turn !== this.#seeks || !this.playing) return;
      const now = performance.now();
      const until = this.#pace.idleUntil(this.at);
      this.at = Math.min(this.at + (now - this.#drawn) * this.#pace.at(this.at), until ?? this.end + 1);
      this.#drawn = now;
      if (this.at > this.end) return this.#finish();
      if (this.#choice.at(this.at) !== this.#screen.window) return this.#seek(this.at);
      if (until !== null) this.#hurry(now, this.at === until);
      // rrweb's own clock would overshoot the end of an idle time by whole frames, which may be minutes.
      else if (this.#pace.idleUntil(this.at) !== null) this.#screen.stop();
      this.#screen.follow(this.at);
      this.#handlers.emit("time");
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #hurry(now: number, isOver: boolean): void {
    if (!isOver && now - this.#stepped < STEP_MS) return;
    this.#stepped = now;
    this.#screen.seek(this.at, isOver);
  }

  #finish(): void {
    this.playing = false;
    this.#seek(this.end + 1);
    this.#handlers.emit("finish");
  }
}
