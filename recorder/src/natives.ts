/**
 * The browser's own functions, taken before the page can replace them. The build puts them in the place of the globals
 * of these names, in rrweb too, and `stringify` and `from` in that of JSON.stringify and Array.from.
 */
const toText = Function.prototype.toString;

/** False for what a script wrote; a bound function passes. */
export function isNative(value: unknown): boolean {
  return typeof value === "function" && toText.call(value).includes("[native code]");
}

/** What a window without any script has, null where none can be had. It is gone again when this returns. */
function untouched<T>(take: (view: typeof globalThis) => T): T | null {
  let frame: HTMLIFrameElement | null = null;
  try {
    frame = document.createElement("iframe");
    frame.hidden = true;
    document.documentElement.append(frame);
    return frame.contentWindow && take(frame.contentWindow as unknown as typeof globalThis);
  } catch {
    // A page that broke this too is recorded with what it has.
    return null;
  } finally {
    frame?.remove();
  }
}

/** `here`, unless a script wrote it: then what a window without any has. That is to be bound to this window. */
export function original<T>(here: T, take: (view: typeof globalThis) => T): T {
  return isNative(here) ? here : (untouched(take) ?? here);
}

const text = original(globalThis.JSON.stringify, (view) => view.JSON.stringify);
/** Milliseconds since 1970 and since the page began, as the browser counts them. */
export const now = original(globalThis.Date.now, (view) => view.Date.now);
export const tick: () => number = original(globalThis.performance.now, (view) => view.performance.now).bind(
  globalThis.performance,
);
const { isArray } = globalThis.Array;
const own = Object.keys;

/** JSON.stringify of plain data, whatever `toJSON` the page has given to arrays and objects. */
export function stringify(value: unknown): string {
  const page = Object.prototype as { toJSON?: unknown };
  // The prototype of arrays inherits from that of objects.
  return (page.toJSON ?? (Array.prototype as { toJSON?: unknown }).toJSON) === undefined
    ? text(value)
    : (written(value) as string);
}

function written(value: unknown): string | undefined {
  // A function is an object, and has the page's toJSON too.
  if (typeof value === "function") return undefined;
  if (typeof value !== "object" || value === null) return text(value);
  let inner = "";
  if (isArray(value)) {
    for (let at = 0; at < value.length; at++) inner += `${at ? "," : ""}${written(value[at]) ?? "null"}`;
    return `[${inner}]`;
  }
  for (const key of own(value)) {
    const part = written((value as Record<string, unknown>)[key]);
    if (part !== undefined) inner += `${inner && ","}${text(key)}:${part}`;
  }
  return `{${inner}}`;
}

/** Array.from, for iterables and lists of any kind. */
export function from<T, U = T>(items: Iterable<T> | ArrayLike<T>, map?: (item: T, at: number) => U): U[] {
  const all: U[] = [];
  const add = (item: T): unknown => (all[all.length] = map ? map(item, all.length) : (item as unknown as U));
  if (typeof (items as Iterable<T>)[Symbol.iterator] === "function") for (const item of items as Iterable<T>) add(item);
  else for (let at = 0; at < (items as ArrayLike<T>).length; at++) add((items as ArrayLike<T>)[at] as T);
  return all;
}
