import type { Config } from "./config";
import type { RecorderOptions, RrwebOptions } from "./recorder";

/** What a page may ask to capture beside itself. */
export type Wish = keyof Config["capture"];
export const WISHES: readonly Wish[] = ["console", "network", "canvas", "pictures"];

/** What the page says of how it is to be recorded. */
export interface PagesOptions {
  readonly samplePercent?: number | undefined;
  readonly flushMs?: number | undefined;
  readonly capture?: readonly Wish[] | undefined;
  readonly rrweb?: RrwebOptions | undefined;
}

/** How long events wait by default: short enough to watch a session while it happens. */
const FLUSH_MS = 1_000;
/** rrweb's names of fields in which people type. A set of options of our own must name passwords too. */
const TYPED = [
  "color", "date", "datetime-local", "email", "month", "number", "range", "search", "tel", "text", "time", "url",
  "week", "textarea", "password",
];

/**
 * How to record, by the page's and the project's word. `strict`: the project's word cannot be had, and what people
 * choose is masked with what they type.
 */
export function planOf(page: PagesOptions, config: Config, strict: boolean): RecorderOptions {
  const fields = config.maskInputs ? [...TYPED, ...(strict ? ["select"] : [])] : ["password"];
  const wants = (wish: Wish): boolean => (page.capture?.includes(wish) ?? false) && config.capture[wish];
  return {
    samplePercent: page.samplePercent ?? config.samplePercent,
    flushMs: page.flushMs ?? FLUSH_MS,
    watch: config.watch,
    rrweb: {
      maskInputOptions: Object.fromEntries(fields.map((field) => [field, true])),
      ...(wants("canvas") ? { recordCanvas: true } : {}),
      ...(wants("pictures") ? { inlineImages: true } : {}),
      ...page.rrweb,
    },
  };
}

/** The words of an attribute such as `console network` that are wishes. */
export function wishesOf(words: string): Wish[] {
  return WISHES.filter((wish) => words.split(/\s+/).includes(wish));
}
