/** What the specification leaves of an address: written from its table, not from the enforcer. */

/** As a project file has it; see `schemas/policy_parts.py`. */
export interface Urls {
  parameters: string[];
  keep_fragment: boolean;
  path_segments: string[];
}

/** RFC 3986, appendix B: scheme, authority, path, query, fragment. */
const PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const CONTENT = /^(?:data:(?:image|font|audio|video)\/|data:text\/css|data:application\/(?:x-)?font|data:application\/vnd\.ms-fontobject)/i;
const FONT = /^data:(?:font|application)\//i;
const DOCUMENT = /^(?:data|javascript):/i;
/** A fragment that names no place in the page but says something to its script. */
const ROUTE = /[/?=@&%]/;
const LONGEST_SEGMENT = 256;
const HIDDEN = "***";
/** Servlets write the session into the path. */
const SESSION = /;[^/\\;=]*(?:sess|sid|token)[^/\\;=]*=[^/\\;]*/gi;

/** The address as a policy leaves it; `words` also hides what mailto: and the like name, and embedded pictures. */
export function cut(address: string, urls: Urls, words: boolean): string {
  const url = address.trim();
  if (CONTENT.test(url)) return words && DOCUMENT.test(url) && !FONT.test(url) ? "" : address;
  if (DOCUMENT.test(url)) return "";
  if (url.startsWith("#")) return ROUTE.test(url) && !urls.keep_fragment ? "#" : address;
  const [, scheme, authority, whole = "", query, fragment] = PARTS.exec(address) ?? [];
  const path = urls.parameters.includes("*") ? whole : whole.replace(SESSION, "");
  let left = scheme === undefined ? "" : `${scheme}:`;
  if (authority !== undefined) left += `//${authority.slice(authority.lastIndexOf("@") + 1)}`;
  const isOpaque = scheme !== undefined && authority === undefined;
  left += words && isOpaque && path !== "" ? HIDDEN : hidden(path, urls.path_segments);
  const kept = urls.parameters.includes("*") ? (query ?? "") : allowed(query ?? "", urls.parameters);
  if (kept !== "") left += `?${kept}`;
  return urls.keep_fragment && fragment !== undefined ? `${left}#${fragment}` : left;
}

/** Each candidate of a `srcset`, in the form the recorder writes. */
export function cutSet(candidates: string, urls: Urls, words: boolean): string {
  const cutOne = (candidate: string) => {
    const [address = "", ...descriptors] = candidate.trim().split(/\s+/);
    return [cut(address, urls, words), ...descriptors].join(" ");
  };
  return candidates
    .split(/,(?=\s|$)/)
    .filter((candidate) => candidate.trim() !== "")
    .map(cutOne)
    .join(", ");
}

/** Where a whole string begins like an address, it is one to its end. */
const BEGINS = /^(?:(?:[a-z][a-z0-9+.-]{0,31}:)?[/\\]{2}\S|\.{0,2}\/[^\s/]|(?:blob|filesystem):)/i;
const SCHEME = /(?<!:)[a-z][a-z0-9+.-]{0,31}:\/\//i;
const ESCAPE = /\\(?:u([0-9a-f]{4})|(["\\/]))/gi;

/** Whatever words, with the addresses in them cut: each goes on to white space, a double quote or an angle bracket. */
export function cutWithin(text: string, urls: Urls, words: boolean): string {
  const cutWord = (word: string) => {
    const at = word.search(SCHEME);
    if (at >= 0) return word.slice(0, at) + cut(word.slice(at), urls, words);
    const [address = "", fragment = ""] = word.split(/#(.*)/s);
    const hasQuery = /\?.*=/s.test(address) || /=|^(?:\/|!\/|\?)/.test(fragment) || /;.*=|=.*;/s.test(address);
    return BEGINS.test(word) || hasQuery ? cut(word, urls, words) : word;
  };
  return text.replace(/[^"<>]+/g, (piece) => {
    const [, before = "", core = "", after = ""] = /^(\s*)(.*?)(\\*\s*)$/s.exec(piece) ?? [];
    const plain = unescaped(core);
    const left = BEGINS.test(plain) ? cut(plain, urls, words) : plain.replace(/\S+/g, cutWord);
    if (left === plain) return piece;
    return before + (plain === core ? left : JSON.stringify(left).slice(1, -1)) + after;
  });
}

/** JSON within JSON has its escapes escaped. */
function unescaped(text: string): string {
  const once = text.replace(ESCAPE, (_, code?: string, sign?: string) => sign ?? String.fromCharCode(parseInt(code!, 16)));
  return once === text ? text : unescaped(once);
}

function hidden(path: string, patterns: string[]): string {
  const covers = (text: string) => patterns.some((pattern) => new RegExp(`^(?:${pattern})$`, "s").test(text));
  const hides = (segment: string) => covers(segment) || covers(decoded(segment)) || segment.length > LONGEST_SEGMENT;
  if (patterns.length === 0) return path;
  return path.replace(/[^/\\]+/g, (segment) => (hides(segment) ? HIDDEN : segment));
}

function allowed(query: string, parameters: string[]): string {
  return query
    .split("&")
    .filter((pair) => parameters.includes(decoded((pair.split("=")[0] ?? "").replaceAll("+", " "))))
    .join("&");
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
