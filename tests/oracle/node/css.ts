import { generate, parse, walk, type CssNode, type ParseOptions, type WalkContext } from "css-tree";
import { cut, type Urls } from "./addresses";
import { hasWords, isDrawing, isEmbedded, isPicture } from "./embedded";
import { isSelectorValue } from "./selector_values";
import { star } from "./values";

type Context = "stylesheet" | "declarationList";

/** Properties whose strings the page shows. */
const SHOWN = /^(?:content|quotes|--.*)$/i;
/** Unicode's private use areas: icons. */
const ICON = /^[\ue000-\uf8ff\u{f0000}-\u{10ffff}]+$/u;
/** Without any of these a sheet has no address, and no words. */
const ADDRESSES = /url\(|@import|image-set|src\(|sourceMappingURL|\\/i;
const WORDS = /["'[]|--|\/\*/;
/** What the recorder writes between the texts of one sheet. */
const SPLIT = "rr_split";
const SOURCE_MAP = /(sourceMappingURL=)[^\s*]*/gi;
/** Where css-tree finds no structure it knows. */
const BARE_URL = /url\(\s*(["']?)(.*?)\1\s*\)/gi;

/** A string and its place: shown by the page, compared with an attribute's value by a selector, or neither. */
interface Placed {
  text: string;
  isShown: boolean;
  attribute: string | null;
}

/** A sheet or a style in one form, its addresses cut, without its strings; these with their places; its comments. */
interface Canonical {
  text: string;
  comments: string;
  strings: Placed[];
}

/** Compares CSS before and after a policy; `words` says that the policy masks what pages show. */
export class StyleRules {
  private readonly known = new Map<string, Canonical>();

  constructor(
    private readonly urls: Urls,
    private readonly words: boolean,
  ) {}

  /** Is `after` what must become of `before`? `context` is css-tree's: a sheet, or the declarations of one element. */
  equal(before: string, after: string, context: Context): boolean {
    if (before === after && !ADDRESSES.test(before) && !(this.words && WORDS.test(before))) return true;
    const [expected, actual] = [this.canonical(before, context, true), this.canonical(after, context, false)];
    if (actual.comments !== (this.words ? "" : expected.comments)) return false;
    if (expected.text !== actual.text || expected.strings.length !== actual.strings.length) return false;
    return expected.strings.every((each, index) => this.isRight(each, actual.strings[index]!.text));
  }

  private isRight({ text, isShown, attribute }: Placed, found: string): boolean {
    if (!this.words) return found === text;
    if (attribute !== null) return isSelectorValue(attribute, text, found);
    const masked = star(text.trim().split(/\s+/).join(" "));
    if (isShown && !isIcon(text)) return star(found) === found || found === masked;
    return [text, masked, star(text)].includes(found);
  }

  private canonical(css: string, context: Context, cutting: boolean): Canonical {
    const key = `${context} ${cutting} ${css}`;
    let found = this.known.get(key);
    if (!found) {
      found = this.read(css, context, cutting);
      this.known.set(key, found);
    }
    return found;
  }

  private read(css: string, context: ParseOptions["context"] & string, cutting: boolean): Canonical {
    const comments: string[] = [];
    const onComment = (comment: string) => {
      const left = cutting ? comment.replace(SOURCE_MAP, "$1") : comment;
      if (left.trim() !== SPLIT) comments.push(left);
    };
    const tree = parse(css, { context, parseCustomProperty: true, onComment });
    const strings: Canonical["strings"] = [];
    const address = (url: string) => (cutting ? this.left(url) : url);
    const isGone = (url: string) => cutting && this.words && context === "declarationList" && isPicture(url);
    walk(tree, function (this: WalkContext, node: CssNode) {
      if (node.type === "Url") {
        if (isGone(node.value)) Object.assign(node, { type: "Identifier", name: "none" });
        else node.value = address(node.value);
      } else if (node.type === "AttributeSelector" && node.value) {
        const text = node.value.type === "String" ? node.value.value : node.value.name;
        strings.push({ text, isShown: false, attribute: node.name.name });
        node.value = { type: "Identifier", name: "value" };
      } else if (node.type === "String") {
        const isImport = this.atrule?.name === "import" && !this.declaration;
        if (isImport || /^src$|image-set$/i.test(this.function?.name ?? "")) {
          node.value = address(node.value);
        } else {
          strings.push({ text: node.value, isShown: SHOWN.test(this.declaration?.property ?? ""), attribute: null });
          node.value = "";
        }
      } else if (node.type === "Raw") {
        const cutUrl = (_: string, quote: string, url: string) =>
          isGone(url) ? "none" : `url(${quote}${address(url)}${quote})`;
        node.value = node.value.replace(BARE_URL, cutUrl);
      }
    });
    return { text: generate(tree), comments: comments.join("\n"), strings };
  }

  /** Of an address. Pictures and fonts written into a sheet are its design. */
  private left(url: string): string {
    if (!isEmbedded(url)) return cut(url, this.urls, this.words);
    return this.words && isDrawing(url) && hasWords(url) ? "" : url;
  }
}

function isIcon(text: string): boolean {
  return ICON.test(text) || !/[\p{L}\p{N}]/u.test(text);
}
