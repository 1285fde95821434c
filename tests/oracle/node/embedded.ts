/** Content that a page carries within itself, in `data:` addresses (RFC 2397). */
import { decoded } from "./addresses";

const PICTURE = /^\s*data:image\//i;
const DRAWING = /^\s*data:image\/svg/i;
const DESIGN = /^\s*data:(?:image|font|application)\//i;
/** What shows words by itself, or another picture. */
const WORDED = "text, tspan, title, desc, foreignObject, image, metadata, script";

export function isPicture(url: string): boolean {
  return PICTURE.test(url);
}

export function isDrawing(url: string): boolean {
  return DRAWING.test(url);
}

/** What a style sheet may be made of: pictures and fonts. */
export function isEmbedded(url: string): boolean {
  return DESIGN.test(url);
}

/** Is there anything to read in a drawing, for eyes or for a screen reader? */
export function hasWords(url: string): boolean {
  const drawing = new DOMParser().parseFromString(source(url), "text/html");
  const all = [...drawing.querySelectorAll("*")];
  const isSpoken = (element: Element) => element.getAttributeNames().some((name) => name.startsWith("aria-"));
  if (drawing.querySelector(WORDED) !== null || all.some(isSpoken)) return true;
  const comments = drawing.createNodeIterator(drawing, NodeFilter.SHOW_COMMENT);
  for (let comment = comments.nextNode(); comment; comment = comments.nextNode()) {
    // The parser of HTML takes what XML begins with for a comment.
    if (!comment.nodeValue!.startsWith("?xml")) return true;
  }
  return false;
}

function source(url: string): string {
  const comma = url.indexOf(",");
  const body = url.slice(comma + 1);
  if (/;base64$/i.test(url.slice(0, comma))) return atob(unquoted(body));
  return unquoted(body);
}

/** Percent signs that stand for themselves stay. */
function unquoted(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => decoded(codes));
}
