/** What the specification lets a masked value become; written from its table, not from the enforcer. */

/** What rrweb itself writes under `data-` is no word of the page. */
const STARRED = /^(placeholder|title|alt|label|summary|aria-.*|data-(?!rr-is-password$).*)$/;
const EMPTIED = /^(src|srcset|poster)$/;
const DROPPED = /^(checked|selected|rr_dataURL)$/;
/** An address in a style, which what draws it would load. */
const LOADED = /url\(\s*[^)\s]|(?:image-set|src)\((?:""|''|[^;"'])*["'][^"']/i;
const FIXED_STARS = "********";

/** The client's own mask: every UTF-16 unit but white space becomes a star. */
export function star(text: string): string {
  return text.replace(/\S/g, "*");
}

/** Is `actual` a masked form of a text that stands in an element of this tag? */
export function isMaskedText(text: string, actual: string, tag: string): boolean {
  if (tag === "script") return actual === text;
  if (tag === "style") return actual === "";
  if (tag === "textarea") return isMaskedValue(text, actual);
  return actual === star(text);
}

/** Of the value of a field: of fixed length or empty, or starred where it is a label. */
export function isMaskedValue(value: string, actual: string): boolean {
  return [FIXED_STARS, "", star(value)].includes(actual) || (value === "on" && actual === "on");
}

/** Of an attribute; null is none. Names the table does not list may stay or be masked. */
export function isMaskedAttribute(name: string, value: string | null, actual: string | null): boolean {
  if (value === null || DROPPED.test(name)) return actual === null;
  if (STARRED.test(name)) return actual === star(value);
  if (EMPTIED.test(name)) return actual === null || actual === "";
  if (name === "value") return actual !== null && isMaskedValue(value, actual);
  if (name === "style") return actual === null || !LOADED.test(actual);
  return [value, star(value), "", null].includes(actual);
}
