/** `url(…)` with or without quotes, and `@import "…"`. No part can cross an opening bracket or a quote: linear. */
const ADDRESS =
  /(url\(\s{0,8})(?:"([^"\n]*)"|'([^'\n]*)'|([^()"'\s]+))|(@import\s{1,8})(?:"([^"\n]*)"|'([^'\n]*)')/gi;
/** Addresses that do not depend on where the sheet is. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:|#)/i;

/** A style sheet's text with its addresses made absolute; `base` is the sheet's own. */
export function absoluteCss(text: string, base: string): string {
  return text.replace(ADDRESS, (whole: string, ...groups: (string | undefined)[]) => {
    const [url, double, single, bare, imported, importDouble, importSingle] = groups;
    const given = double ?? single ?? bare ?? importDouble ?? importSingle ?? "";
    if (given === "" || ABSOLUTE.test(given)) return whole;
    const quote = (double ?? importDouble) !== undefined ? '"' : bare === undefined ? "'" : "";
    try {
      return `${url ?? imported ?? ""}${quote}${new URL(given, base).href}${quote}`;
    } catch {
      return whole;
    }
  });
}

/** The sheets that a text begins by importing, with the conditions of each, and the text without them. */
export function importsOf(text: string): { imports: { address: string; media: string }[]; rest: string } {
  const imports: { address: string; media: string }[] = [];
  let rest = text;
  for (;;) {
    const found = /^(?:\s|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|@charset "[^"\n]{0,40}";)*@import\s{0,8}(?:url\(\s{0,8})?["']?([^"'()\s;]+)["']?\s{0,8}\)?([^;{}]{0,200});/i.exec(
      rest,
    );
    if (found === null || imports.length >= MOST_IMPORTS) return { imports, rest };
    imports.push({ address: found[1] ?? "", media: (found[2] ?? "").trim() });
    rest = rest.slice(found[0].length);
  }
}

/** More is left out. */
const MOST_IMPORTS = 16;
