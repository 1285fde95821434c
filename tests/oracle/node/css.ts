import { generate, parse, walk, type CssNode, type ParseOptions, type WalkContext } from "css-tree";
import { cut, type Urls } from "./addresses";
import { star } from "./values";

/** Properties whose strings the page shows. */
const SHOWN = /^(?:content|quotes|--.*)$/i;
/** Unicode's private use areas: icons. */
const ICON = /^[\ue000-\uf8ff\u{f0000}-\u{10ffff}]+$/u;
/** Without any of these a sheet has no address, and no words. */
const ADDRESSES = /url\(|@import|image-set|src\(|\\/i;
const WORDS = /["']|--|\/\*/;
/** Where css-tree finds no structure it knows. */
const BARE_URL = /url\(\s*(["']?)(.*?)\1\s*\)/gi;

/** A sheet or a style in one form, its addresses cut, without its strings; and these strings with their places. */
interface Canonical {
  text: string;
  strings: { text: string; isShown: boolean }[];
}

/** Compares CSS before and after a policy; `words` says that the policy masks what pages show. */
export class StyleRules {
  private readonly known = new Map<string, Canonical>();

  constructor(
    private readonly urls: Urls,
    private readonly words: boolean,
  ) {}

  /** Is `after` what must become of `before`? `context` is css-tree's: a sheet, or the declarations of one element. */
  equal(before: string, after: string, context: "stylesheet" | "declarationList"): boolean {
    if (before === after && !ADDRESSES.test(before) && !(this.words && WORDS.test(before))) return true;
    const [expected, actual] = [this.canonical(before, context, true), this.canonical(after, context, false)];
    if (expected.text !== actual.text || expected.strings.length !== actual.strings.length) return false;
    return expected.strings.every(({ text, isShown }, index) => {
      const found = actual.strings[index]!.text;
      const masked = star(text.trim().split(/\s+/).join(" "));
      if (!this.words) return found === text;
      if (isShown && !isIcon(text)) return star(found) === found || found === masked;
      return [text, masked, star(text)].includes(found);
    });
  }

  private canonical(css: string, context: ParseOptions["context"] & string, cutting: boolean): Canonical {
    const key = `${context} ${cutting} ${css}`;
    let found = this.known.get(key);
    if (!found) {
      found = this.read(css, context, cutting);
      this.known.set(key, found);
    }
    return found;
  }

  private read(css: string, context: string, cutting: boolean): Canonical {
    const tree = parse(css, { context, parseCustomProperty: true });
    const strings: Canonical["strings"] = [];
    const { urls, words } = this;
    const address = (url: string) => (cutting ? cut(url, urls, words) : url);
    walk(tree, function (this: WalkContext, node: CssNode) {
      if (node.type === "Url") {
        node.value = address(node.value);
      } else if (node.type === "String") {
        const isImport = this.atrule?.name === "import" && !this.declaration;
        if (isImport || /image-set$/i.test(this.function?.name ?? "")) {
          node.value = address(node.value);
        } else {
          strings.push({ text: node.value, isShown: SHOWN.test(this.declaration?.property ?? "") });
          node.value = "";
        }
      } else if (node.type === "Raw") {
        const cutUrl = (_: string, quote: string, url: string) => `url(${quote}${address(url)}${quote})`;
        node.value = node.value.replace(BARE_URL, cutUrl);
      }
    });
    return { text: generate(tree), strings };
  }
}

function isIcon(text: string): boolean {
  return ICON.test(text) || !/[\p{L}\p{N}]/u.test(text);
}
