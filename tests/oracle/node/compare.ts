import type { Replayer } from "rrweb";
import { EDITABLE, type Cover, type FieldRules } from "./field_rules";
import type { Judge } from "./judge";
import { isMaskedAttribute, isMaskedText, isMaskedValue, star } from "./values";

/** Enough to understand a failure: how many, and how much of each from a little before where it begins. */
const MOST = 8;
const SHOWN = { before: 60, characters: 240 };
/** What a placeholder may carry: the player draws its size as style and switches autocomplete off in every field. */
const PLACEHOLDER = new Set(["class", "style", "autocomplete"]);
const STARS = "********";
const NODE = { element: 1, text: 3, document: 9 };

export interface Verdict {
  differences: string[];
  nodes: number;
  blocked: number;
  masked: number;
}

/** Compares what two players show, node by node, allowing what rules and policy ask for and nothing else. */
export class Comparison {
  readonly verdict: Verdict = { differences: [], nodes: 0, blocked: 0, masked: 0 };

  constructor(
    private readonly original: Replayer,
    private readonly enforced: Replayer,
    private readonly judge: Judge,
    private readonly fields: FieldRules | null,
  ) {}

  run(): Verdict {
    this.node(this.original.iframe.contentDocument!, this.enforced.iframe.contentDocument!, "");
    return this.verdict;
  }

  private differ(path: string, what: string, before: unknown, after: unknown): void {
    if (this.verdict.differences.length < MOST) {
      const texts = [before, after].map((value) => JSON.stringify(value) ?? "");
      const parting = [...texts[0]!].findIndex((_, index) => texts[0]![index] !== texts[1]![index]);
      const from = Math.max(0, parting - SHOWN.before);
      const shown = texts.map((text) => `${from > 0 ? "…" : ""}${text.slice(from, from + SHOWN.characters)}`);
      this.verdict.differences.push(`${path}: ${what}: ${shown[0]} became ${shown[1]}`);
    }
  }

  private node(before: Node, after: Node, above: string): void {
    const id = this.original.getMirror().getId(before);
    const path = `${above}/${before.nodeName.toLowerCase()}#${id}`;
    this.verdict.nodes += 1;
    const names = [nameOf(before, this.original), nameOf(after, this.enforced)];
    if (names[0] !== names[1]) return this.differ(path, "name", names[0], names[1]);
    if (before.nodeType === NODE.element) {
      if (this.judge.blocked.has(id)) return this.placeholder(before as Element, after as Element, path);
      this.attributes(id, before as Element, after as Element, path);
      this.field(id, before as Element, after as Element, path);
    } else if (before.nodeType !== NODE.document) {
      this.text(id, before, after, path);
    }
    this.children(before, after, path);
    this.sheets(id, before, after, path);
  }

  private children(before: Node, after: Node, path: string): void {
    const [expected, actual] = [below(before, this.original), below(after, this.enforced)];
    const ids = [idsOf(expected, this.original), idsOf(actual, this.enforced)];
    if (ids[0]!.join() !== ids[1]!.join()) return this.differ(path, "children", ids[0], ids[1]);
    expected.forEach((child, index) => this.node(child, actual[index]!, path));
  }

  private placeholder(before: Element, after: Element, path: string): void {
    this.verdict.blocked += 1;
    const inside = below(after, this.enforced);
    if (inside.length > 0) this.differ(path, "in a block", [], idsOf(inside, this.enforced));
    const shown = this.judge.lateBlocked.has(this.original.getMirror().getId(before));
    const extra = after.getAttributeNames().filter((name) => !shown && !PLACEHOLDER.has(name));
    if (extra.length > 0) this.differ(path, "attributes of a block", [], extra);
    if (classOf(before) !== classOf(after)) this.differ(path, "class of a block", classOf(before), classOf(after));
  }

  private attributes(id: number, before: Element, after: Element, path: string): void {
    for (const name of new Set([...before.getAttributeNames(), ...after.getAttributeNames()])) {
      const read = name === "class" ? classOf : (element: Element) => element.getAttribute(name);
      const value = this.isPicture(before, name) ? this.recorded(before, name) : (read(before) ?? this.leftOut(before, name));
      const actual = read(after);
      const cover = this.judge.attribute(id, name);
      if (this.isRightAttribute(before, name, value, actual, cover)) continue;
      this.differ(path, cover.masked ? `masked ${name}` : name, value, actual);
    }
  }

  /** The player leaves out what makes a link load a script, which it tells by the ending of the address. */
  private leftOut(element: Element, name: string): string | null {
    return this.fields !== null && element.localName === "link" ? this.recorded(element, name) : null;
  }

  /** The player shows a picture the recorder took in place of the address, which without the picture is back. */
  private isPicture(element: Element, name: string): boolean {
    if (!this.fields?.dropsPictures || !/^(?:rrweb-original-)?src$/.test(name)) return false;
    const taken = this.recorded(element, "rr_dataURL");
    return taken !== null && taken === element.getAttribute("src");
  }

  private recorded(element: Element, name: string): string | null {
    const meta = this.original.getMirror().getMeta(element);
    const value = meta && "attributes" in meta ? meta.attributes[name] : null;
    return typeof value === "string" ? value : null;
  }

  private isRightAttribute(
    element: Element,
    name: string,
    value: string | null,
    actual: string | null,
    cover: Cover,
  ): boolean {
    if (this.fields) return this.fields.attribute(element, name, value, actual, cover);
    return cover.masked ? isMaskedAttribute(name, value, actual) : value === actual;
  }

  private field(id: number, before: Element, after: Element, path: string): void {
    if (!before.matches("input, textarea, select, option")) return;
    const [expected, actual] = [before, after] as [HTMLInputElement, HTMLInputElement];
    const masked = this.judge.maskedField(id);
    const isRight =
      (!masked && expected.value === actual.value) ||
      ((masked || this.hidesOption(before)) && isMaskedField(before, expected.value, actual.value)) ||
      this.isRightByPolicy(id, before, expected.value, actual.value);
    if (!isRight) {
      this.differ(path, masked ? "masked value" : "value", expected.value, actual.value);
    }
    if (masked ? actual.checked === true : expected.checked !== actual.checked) {
      this.differ(path, masked ? "masked checked" : "checked", expected.checked, actual.checked);
    }
  }

  private isRightByPolicy(id: number, field: Element, value: string, actual: string): boolean {
    return this.fields?.attribute(field, "value", value, actual, this.judge.attribute(id, "value")) ?? false;
  }

  /** A select can only take a value that one of its options has. */
  private hidesOption(field: Element): boolean {
    const ids = [...field.querySelectorAll("option")].map((option) => this.original.getMirror().getId(option));
    return ids.some((id) => this.judge.blocked.has(id) || this.judge.maskedField(id));
  }

  private text(id: number, before: Node, after: Node, path: string): void {
    const parent = before.parentNode;
    // How much is typed into an editable element is not told.
    const isTyped = parent?.nodeType === NODE.element && (parent as Element).closest(`[contenteditable], ${EDITABLE}`) !== null;
    if (isTyped && after.textContent === STARS && (this.fields?.masksFields || this.judge.text(id).masked)) return;
    // Where the texts of one sheet part, the player finds out by words that a mask makes alike.
    const isPart = this.fields !== null && parent?.nodeName === "STYLE";
    if (isPart && parent.firstChild !== before) return;
    const wordsOf = (node: Node) => (isPart ? node.parentNode! : node).textContent ?? "";
    const [text, actual] = [wordsOf(before), wordsOf(after)];
    const owner = parent ? this.original.getMirror().getId(parent) : -1;
    // A sheet's text may stand in an attribute of its element, and then has no id of its own.
    const own = id === -1 ? { masked: false, guarded: false } : this.judge.text(id);
    const masked = own.masked || this.maskedSheet(owner);
    const tag = parent ? nameOf(parent, this.original) : "";
    const drawn = tag === "link" ? "style" : tag;
    if (masked) this.verdict.masked += 1;
    if (this.isRightText(before, drawn, text, actual, { ...own, masked })) return;
    this.differ(path, masked ? "masked text" : "text", text, actual);
  }

  private isRightText(node: Node, tag: string, text: string, actual: string, cover: Cover): boolean {
    const isText = node.nodeType === NODE.text;
    if (this.fields) return isText ? this.fields.text(tag, text, actual, cover) : actual === "";
    return cover.masked && isText ? isMaskedText(text, actual, tag) : text === actual;
  }

  private maskedSheet(owner: number): boolean {
    const meta = this.original.getMirror().getMeta(this.original.getMirror().getNode(owner)!);
    return (
      meta !== null && "attributes" in meta && "_cssText" in meta.attributes && this.judge.attribute(owner, "_cssText").masked
    );
  }

  /** Rules a script changed are not in the document. */
  private sheets(id: number, before: Node, after: Node, path: string): void {
    if (this.judge.attribute(id, "_cssText").masked) return;
    const [expected, actual] = [rulesOf(before), rulesOf(after)];
    const isRight = this.fields ? this.fields.sheet(expected, actual) : expected === actual;
    if (!isRight) this.differ(path, "style rules", expected, actual);
  }
}

/** A select without a choice shows its first option, whose mask is as long as that; a slider is never without value. */
function isMaskedField(field: Element, value: string, actual: string): boolean {
  if (isMaskedValue(value, actual)) return true;
  if (field.localName === "select") return star(actual) === actual;
  const type = field.getAttribute("type") ?? "";
  return field.localName === "input" && actual === Object.assign(document.createElement("input"), { type }).value;
}

/** Children the recording names, of a shadow root and an iframe too, and the texts of style elements. */
function below(node: Node, replayer: Replayer): Node[] {
  const { shadowRoot, contentDocument } = node as Partial<Element & HTMLIFrameElement>;
  const children = [...node.childNodes, ...(shadowRoot?.childNodes ?? []), ...(contentDocument ? [contentDocument] : [])];
  const isText = (child: Node) => node.nodeName === "STYLE" && child.nodeType === NODE.text;
  return children.filter((child) => replayer.getMirror().getId(child) > 0 || isText(child));
}

/** The name the recording gives a node: the player draws scripts and inlined links as other elements. */
function nameOf(node: Node, replayer: Replayer): string {
  const meta = replayer.getMirror().getMeta(node);
  return meta && "tagName" in meta ? meta.tagName : node.nodeName;
}

function idsOf(nodes: Node[], replayer: Replayer): number[] {
  return nodes.map((node) => replayer.getMirror().getId(node));
}

/** The player marks what the mouse is over, and a block takes the mouse away. */
function classOf(element: Element): string | null {
  const value = element.getAttribute("class");
  return value === null ? null : value.replace(/(^|\s+):hover(?=\s|$)/g, "").trim() || null;
}

function rulesOf(node: Node): string {
  const { adoptedStyleSheets } = node as Partial<DocumentOrShadowRoot>;
  const { sheet, shadowRoot } = node as Partial<HTMLStyleElement>;
  const own = node.nodeName === "STYLE" && sheet ? [sheet] : [];
  const sheets = [...own, ...(adoptedStyleSheets ?? []), ...(shadowRoot?.adoptedStyleSheets ?? [])];
  return sheets.flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText)).join("\n");
}
