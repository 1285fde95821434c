import type { Unit } from "./buffer";

/** A shorter `data:` URL is seldom what makes a page large. */
const LARGE = 1_000;
const PICTURE = /data:[^"'()\s<>\\]{1000,}/g;
/** One transparent pixel: the place of a picture stays, its content is not shown. */
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

/**
 * The same events with the same node ids, but without embedded pictures and fonts and, if `styles` too, without the
 * text of style sheets. `left` counts what was taken out; null when there is nothing to take.
 */
export function shrink({ json, keyframe }: Unit, styles: boolean): { unit: Unit; left: number } | null {
  let left = 0;
  const blank = (): string => {
    left++;
    return BLANK;
  };
  const events: unknown = JSON.parse(`[${json}]`, (key, value: unknown) => {
    if (typeof value !== "string" || value.length < LARGE) return value;
    if (!styles || key !== "_cssText") return value.replace(PICTURE, blank);
    left++;
    return "";
  });
  return left > 0 ? { unit: { json: JSON.stringify(events).slice(1, -1), keyframe }, left } : null;
}
