/** Idle time takes this long, ms. */
const IDLE_TAKES_MS = 4000;

/** How fast time passes: as asked for, and faster where nobody did anything. */
export class Pace {
  speed = 1;
  skip = true;
  readonly #idle: readonly [number, number][];

  /** `idle` are stretches of time, epoch ms. */
  constructor(idle: readonly [number, number][]) {
    this.#idle = idle;
  }

  /** How many times as fast as it was. */
  at(at: number): number {
    const stretch = this.#stretch(at);
    return stretch ? (stretch[1] - stretch[0]) / IDLE_TAKES_MS : this.speed;
  }

  /** The end of the idle time that is hurried through at a moment, or null. */
  idleUntil(at: number): number | null {
    return this.#stretch(at)?.[1] ?? null;
  }

  #stretch(at: number): [number, number] | undefined {
    const isSlower = ([from, to]: [number, number]) => (to - from) / IDLE_TAKES_MS > this.speed;
    return this.skip ? this.#idle.find((each) => each[0] <= at && at < each[1] && isSlower(each)) : undefined;
  }
}
