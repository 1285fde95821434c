import type { Unit } from "./buffer";

/** A shorter `data:` URL or style sheet is seldom what makes a page large. */
const LARGE = 1_000;
/** What no `data:` URL in an attribute or a style sheet contains. */
const END = /["'()\s<>\\]/g;
/** One transparent pixel: the place of a picture stays, its content is not shown. */
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

/**
 * The same events with the same node ids, but without embedded pictures and fonts and, if `styles` too, without the
 * text of style sheets. `left` counts what was taken out; null when there is nothing to take.
 */
export function shrink({ json, keyframe }: Unit, styles: boolean): { unit: Unit; left: number } | null {
  let left = 0;
  const events: unknown = JSON.parse(`[${json}]`, (key, value: unknown) => {
    if (typeof value !== "string" || value.length < LARGE) return value;
    if (styles && key === "_cssText") {
      left++;
      return "";
    }
    let text = "";
    let rest = 0;
    // By hand: an expression that takes the whole URL runs out of stack in large ones.
    for (let at = value.indexOf("data:"); at >= 0; at = value.indexOf("data:", END.lastIndex || value.length)) {
      END.lastIndex = at;
      const end = END.exec(value)?.index ?? value.length;
      if (end - at < LARGE) continue;
      left++;
      text += value.slice(rest, at) + BLANK;
      rest = end;
    }
    END.lastIndex = 0;
    return text + value.slice(rest);
  });
  return left > 0 ? { unit: { json: JSON.stringify(events).slice(1, -1), keyframe }, left } : null;
}
