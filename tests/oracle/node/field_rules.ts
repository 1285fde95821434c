import { cut, cutSet, cutWithin, type Urls } from "./addresses";
import { isKnown } from "./attribute_names";
import { StyleRules } from "./css";
import { isMaskedAttribute, isMaskedText, isMaskedValue, star } from "./values";

/** A policy as a project file has it, so far as it shows in the picture; see `schemas/policy.py`. */
export interface Policy {
  inputs: { mask_all: boolean; mask_typed: boolean; mask_file_names: boolean };
  text: { mask_all: boolean };
  urls: Urls;
  attributes: { labels: string; aria: string; data: string };
}

/** Of one place: whether something masks it, and whether it belongs to a field whose value is secret. */
export interface Cover {
  masked: boolean;
  guarded: boolean;
  /** It is an attribute that came after its element. */
  late?: boolean;
}

/** The player writes some event handlers under another name. */
const REMOVED = /^(?:_?on.*|srcdoc|nonce|integrity)$/;
const ADDRESS =
  /^(?:(?:xlink:)?href|(?:form)?action|src|poster|cite|data|background|ping|manifest|longdesc|codebase|classid|profile|usemap|icon|rrweb-original-src)$/;
const ADDRESSES = /^(?:srcset|imagesrcset|rrweb-original-srcset)$/;
const LABEL = /^(?:placeholder|title|alt|label|summary|xlink:title)$/;
const HARMLESS_META = /^(?:viewport|color-scheme|theme-color)$/i;
/** What screen readers say of a field's value. */
const SPOKEN = /^aria-value(?:now|text)$/;
const ECHO = /^(?:title|alt|label|placeholder|aria-(?:label|description|placeholder))$/;
const STATE = /^(?:checked|selected)$/;
const FIELD = "input, textarea, select";
const BUTTON = "input[type=submit i], input[type=button i], input[type=reset i], input[type=image i]";
const HTML = "http://www.w3.org/1999/xhtml";
/** The recorder's own. */
const SCRIPT = "SCRIPT_PLACEHOLDER";

/** Elements into which people write, and where what they wrote is text. */
export const EDITABLE = [
  ...["", "true", "plaintext-only"].map((value) => `[contenteditable="${value}" i]`),
  ...["textbox", "searchbox", "spinbutton"].map((role) => `[role~="${role}" i]`),
]
  .map((each) => `${each}:not(input, textarea, select)`)
  .join(", ");
/** What is chosen, or the page's own. */
const CHOICE = "[type=checkbox i], [type=radio i], [type=submit i], [type=button i], [type=reset i], [type=image i]";
/** Under these names custom elements have their value. */
const CURRENT = /value$|^(?:data-|ng-reflect-)?(?:model|text)$/i;

/** Does a policy mask what is in this field because of what it is? */
export function masksKind(policy: Policy, element: Element): boolean {
  const { mask_all, mask_typed, mask_file_names } = policy.inputs;
  if (mask_all) return true;
  if (mask_file_names && element.matches("input[type=file i]")) return true;
  return mask_typed && element.matches(`textarea, input:not(${CHOICE}), ${EDITABLE}`);
}

/** What the specification's table asks of every field under a whole policy. */
export class FieldRules {
  private readonly styles: StyleRules;

  constructor(private readonly policy: Policy) {
    this.styles = new StyleRules(policy.urls, policy.text.mask_all);
  }

  /** Does the policy hide pictures that the recorder took? */
  get dropsPictures(): boolean {
    return this.policy.text.mask_all;
  }

  /** Is the value of every field masked? */
  get masksFields(): boolean {
    return this.policy.inputs.mask_all;
  }

  /** Is `actual` what must become of an attribute? null is none. */
  attribute(element: Element, name: string, value: string | null, actual: string | null, cover: Cover): boolean {
    if (value === null || REMOVED.test(name)) return actual === null;
    if (STATE.test(name) && (cover.masked || cover.guarded)) return actual === null;
    if (name === "value") return this.value(element, value, actual, cover);
    if (name === "content" && element.localName === "meta") return actual === (isHarmless(element) ? value : "");
    const left = this.left(name, value);
    if (cover.masked && left !== null && element.localName === "link" && actual === left) return true;
    if (cover.masked) return this.masked(element, name, value, actual);
    if (name === "style") return actual !== null && this.style(value, actual);
    if (left !== null) return actual === left;
    return this.word(element, name, value, actual, cover);
  }

  /** Is `actual` what must become of a text in an element of this tag? */
  text(tag: string, text: string, actual: string, cover: Cover): boolean {
    if (tag === "script") return actual === (text === "" ? "" : SCRIPT);
    if (tag === "noscript") return actual === "";
    if (tag === "style" && !cover.masked) return this.sheet(text, actual);
    if (cover.masked || (cover.guarded && tag === "textarea")) return isMaskedText(text, actual, tag);
    if (tag === "textarea") return actual === text;
    return actual === (this.policy.text.mask_all ? star(text) : text);
  }

  /** Is `actual` what must become of a style sheet that nothing masks? */
  sheet(css: string, actual: string): boolean {
    return this.styles.equal(css, actual, "stylesheet");
  }

  /** A masked element keeps its form, so what is no address stays or has stars. */
  private masked(element: Element, name: string, value: string, actual: string | null): boolean {
    if (this.isWord(element, name)) return actual === star(value);
    const isForm = name !== "style" && this.left(name, "") === null;
    return isMaskedAttribute(name, value, actual) && (!isForm || actual?.length === value.length);
  }

  private style(value: string, actual: string): boolean {
    // No style at all, but perhaps words.
    if (this.policy.text.mask_all && !value.includes(":")) return actual === "";
    return this.styles.equal(value, actual, "declarationList");
  }

  private value(element: Element, value: string, actual: string | null, { masked, guarded }: Cover): boolean {
    if (actual === null) return false;
    if (this.isTypedIntoCustom(element, "value")) return actual === star(value);
    if (element.matches("input[type=hidden i]")) return actual === "";
    const isWord = !element.matches(FIELD) || element.matches(BUTTON);
    if (isWord && this.policy.text.mask_all) return actual === star(value);
    if (masked || guarded) return isMaskedValue(value, actual);
    const isTyped = !isWord && !element.matches("select, input[type=checkbox i], input[type=radio i]");
    return actual === (isTyped ? value : this.cutWithin(value));
  }

  /** What is left of addresses; null if the attribute holds none. */
  private left(name: string, value: string): string | null {
    const { urls, text } = this.policy;
    if (ADDRESS.test(name)) return cut(value, urls, text.mask_all);
    return ADDRESSES.test(name) ? cutSet(value, urls, text.mask_all) : null;
  }

  private word(element: Element, name: string, value: string, actual: string | null, cover: Cover): boolean {
    const { guarded, late } = cover;
    const { labels, aria, data } = this.policy.attributes;
    const isData = isDataName(name);
    const rule = LABEL.test(name) ? labels : name.startsWith("aria-") ? aria : isData ? data : null;
    if (rule === "mask" || (rule === "mask_words" && /[\s@]/.test(value))) return actual === star(value);
    if (this.isTypedIntoCustom(element, name)) return actual === star(value);
    if (guarded && ECHO.test(name) && (late || repeats(element, value))) return actual === star(value);
    // Pages copy into these what is typed.
    const isCopy = SPOKEN.test(name) || (!name.startsWith("aria-") && this.isWord(element, name));
    if (guarded && isCopy) return actual === star(value);
    if (rule === null && this.policy.text.mask_all) {
      return actual === star(value) || (actual === value && !this.isWord(element, name));
    }
    // Of names and keywords only those with a query are looked at.
    const isChecked = rule !== null || !isKnown(name) || name === "name" || value.includes("?");
    return actual === (isChecked ? this.cutWithin(value) : value);
  }

  private isTypedIntoCustom(element: Element, name: string): boolean {
    const { mask_all, mask_typed } = this.policy.inputs;
    return (mask_all || mask_typed) && element.localName.includes("-") && CURRENT.test(name) && !isKnownState(name);
  }

  private cutWithin(value: string): string {
    return cutWithin(value, this.policy.urls, this.policy.text.mask_all);
  }

  /** Does an attribute hold what the page likes, not keywords and numbers of HTML or of a drawing? */
  private isWord(element: Element, name: string): boolean {
    return isDataName(name) || (element.namespaceURI === HTML && this.left(name, "") === null && !isKnown(name));
  }
}

/** May a label of a field repeat what is in it? */
function repeats(field: Element, label: string): boolean {
  const typed = (field.getAttribute("value") ?? field.textContent ?? "").trim();
  return field.matches(FIELD) ? typed !== "" && label.includes(typed) : true;
}

/** Keywords and numbers of HTML that end like a value. */
function isKnownState(name: string): boolean {
  return name !== "value" && isKnown(name);
}

function isDataName(name: string): boolean {
  return name.startsWith("data-") && name !== "data-rr-is-password";
}

function isHarmless(meta: Element): boolean {
  const name = meta.getAttribute("name");
  return name === null
    ? /^content-type$/i.test(meta.getAttribute("http-equiv")?.trim() ?? "")
    : HARMLESS_META.test(name.trim());
}
