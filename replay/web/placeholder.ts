/** The largest side of a placeholder, px: what a page says of a size may be anything. */
const LARGEST = 16_384;
const SMALLEST = 24;

/** A size in px out of an attribute such as `120` or `120px`; null where it says none. */
export function pixels(value: unknown): number | null {
  const found = /^\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*$/.exec(String(value ?? ""));
  return found ? Math.min(Number(found[1]), LARGEST) : null;
}

function escaped(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, " ").slice(0, 80);
  return plain.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** A picture as a `data:` URL that stands in quotes and parentheses of CSS as it is. */
function dataUrl(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg).replace(/[()'*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)}`;
}

function svg(size: string, inner: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inner}</svg>`;
}

const HATCH =
  '<defs><pattern id="h" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="10" height="10" fill="#f0f1ec"/><rect width="5" height="10" fill="#e4e7df"/></pattern></defs>' +
  '<rect width="100%" height="100%" fill="url(#h)"/>' +
  '<rect x="0.5" y="0.5" width="99%" height="99%" fill="none" stroke="#8c968f" stroke-dasharray="4 3"/>';

function words(text: string): string {
  return (
    '<text x="50%" y="50%" fill="#3b463f" font-family="sans-serif" font-size="12" text-anchor="middle" ' +
    `dominant-baseline="middle">${escaped(text)}</text>`
  );
}

/** The longest beginning of the words that fits: all, what stands before the colon, or the first word. */
function fitting(text: string, wide: number, high: number): string {
  const shorter = [text, text.split(":")[0] ?? "", text.split(" ")[0] ?? ""];
  return (high >= 16 && shorter.find((words) => wide >= words.length * 6.5)) || "";
}

/** A hatched box of this size with words in it, as many as fit. Without a size it is as large as where it is put. */
export function placeholder(text: string, width: number | null, height: number | null): string {
  if (width === null && height === null) return dataUrl(svg("", HATCH + words(text)));
  const [wide, high] = [width ?? height ?? SMALLEST, height ?? Math.round((width ?? SMALLEST) * 0.66)];
  return dataUrl(svg(`width="${wide}" height="${high}"`, HATCH + words(fitting(text, wide, high))));
}

/** Nothing, of this size. */
export function blank(width: number, height: number): string {
  return dataUrl(svg(`width="${width}" height="${height}"`, ""));
}

/** A small mark for a picture of which no size is known. */
export function mark(text: string): string {
  return placeholder(text, SMALLEST, SMALLEST);
}

/** A recorded picture (a `data:` URL of base64) drawn at this size, whatever its own. */
export function framed(picture: string, width: number, height: number): string {
  const image = `<image href="${picture}" width="100%" height="100%" preserveAspectRatio="none"/>`;
  return dataUrl(svg(`width="${width}" height="${height}"`, image));
}
