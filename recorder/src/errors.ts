/** Bounds for one minute: all errors, and the same one over and over. */
export const MOST_ERRORS = 60;
export const MOST_REPEATS = 5;
const MINUTE_MS = 60_000;
/** UTF-16 units of one value, values of one message, lines of its stack. */
export const MOST_CHARACTERS = 2_000;
const MOST_VALUES = 10;
const MOST_LINES = 20;
const MOST_KEYS = 20;
const DEPTH = 2;

/** What rrweb's console plugin tells: lines of a stack, and each value as JSON. */
export interface ConsoleError {
  readonly level: "error";
  readonly trace: readonly string[];
  readonly payload: readonly string[];
}

/** Tells what fails in the page: uncaught errors, rejections, scripts that do not load, console.error. */
export function tellErrors(tell: (error: ConsoleError) => void): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  const counts = new Map<string, number>();
  let all = 0;
  let until = -Infinity;
  let busy = false;

  /** Never throws, and what fails in here is not told. */
  const say = (values: () => readonly unknown[], source?: unknown): void => {
    if (busy || signal.aborted) return;
    busy = true;
    try {
      const now = performance.now();
      if (now >= until) {
        counts.clear();
        all = 0;
        until = now + MINUTE_MS;
      }
      if (all >= MOST_ERRORS) return;
      const payload = values().slice(0, MOST_VALUES).map(asJson);
      const key = payload.join();
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count > MOST_REPEATS) return;
      all++;
      tell({ level: "error", trace: stackOf(source), payload });
    } catch {
      // A value of the page's that cannot be read.
    } finally {
      busy = false;
    }
  };

  addEventListener(
    "error",
    (event: Event) => {
      if (event instanceof ErrorEvent) say(() => [event.message], event.error);
      else if (event.target instanceof HTMLScriptElement) {
        const { src } = event.target;
        say(() => [`Loading the script ${src} failed`]);
      }
    },
    { signal, capture: true },
  );
  addEventListener(
    "unhandledrejection",
    ({ reason }) => say(() => ["Uncaught (in promise)", reason], reason),
    { signal },
  );
  const original = console.error;
  const wrapped = function (this: Console, ...given: unknown[]): void {
    original.apply(this, given);
    say(() => given, given.find((each) => each instanceof Error));
  };
  console.error = wrapped;
  return () => {
    leave.abort();
    if (console.error === wrapped) console.error = original;
  };
}

function stackOf(source: unknown): string[] {
  if (!(source instanceof Error) || typeof source.stack !== "string") return [];
  const lines = source.stack.slice(0, 8 * MOST_CHARACTERS).split("\n");
  return lines.slice(0, MOST_LINES).map((line) => cut(line.trim())).filter((line) => /^at |@/.test(line));
}

const cut = (text: string): string => text.slice(0, MOST_CHARACTERS);

function asJson(value: unknown): string {
  const json = JSON.stringify(plain(value, DEPTH));
  return json.length <= 4 * MOST_CHARACTERS ? json : JSON.stringify(cut(json));
}

/** Data without what is deep or long. Getters of the page's are not called. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return cut(String(value));
  if (value instanceof Error) return cut(`${value.name}: ${value.message}`);
  const kind = Object.prototype.toString.call(value);
  if (depth === 0 || (kind !== "[object Object]" && kind !== "[object Array]")) return kind;
  if (Array.isArray(value)) return value.slice(0, MOST_KEYS).map((each) => plain(each, depth - 1));
  const data: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, MOST_KEYS)) {
    data[cut(key)] = plain(Object.getOwnPropertyDescriptor(value, key)?.value, depth - 1);
  }
  return data;
}
