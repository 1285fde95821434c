import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import { brought, isElement, localName } from "./nodes";

/** Set on custom elements that were not defined yet: no script runs in a replay, so none ever would be. */
export const UNDEFINED = "rr-undefined";

const DEFINED = /(?<!\\):defined(?![\w-])/g;
const DARK = /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi;
const LIGHT = /\(\s*prefers-color-scheme\s*:\s*light\s*\)/gi;
const EITHER = /(?<![\w-])color-scheme\s*:\s*(?:light\s+dark|dark\s+light)\b/gi;
const ADDRESS = /url\(\s*["']?((?:https?:)?\/[^"')\s]{1,300})/gi;
/** Addresses counted at most; a style sheet may hold any number. */
export const MOST_ADDRESSES = 1000;

/**
 * Style as it is to be applied in a replay. What the visitor preferred is not recorded and is taken for light: the
 * preference of whoever watches says nothing about it.
 */
export function replayed(css: string): string {
  let text = css;
  if (text.includes(":defined")) text = text.replace(DEFINED, `:not([${UNDEFINED}])`);
  if (/color-scheme/i.test(text)) {
    text = text.replace(DARK, "(max-width: 0px)").replace(LIGHT, "(min-width: 0px)");
    text = text.replace(EITHER, "color-scheme: light");
  }
  return text;
}

/** Rewrites the style of a window's events, in their order, and gathers the addresses that style mentions. */
export class Sheets {
  readonly addresses = new Set<string>();
  readonly #styles = new Set<number>();
  readonly #texts = new Set<number>();

  rewrite(event: eventWithTime): void {
    if (event.type === EventType.FullSnapshot) {
      this.#styles.clear();
      this.#texts.clear();
    }
    for (const { node, parentId } of brought(event)) {
      if (isElement(node)) {
        if (localName(node) === "style" && node.id !== undefined) this.#styles.add(node.id);
        if (node.attributes) this.#attributes(node.attributes);
      } else if (node.type === NodeType.Text && this.#styles.has(parentId)) {
        if (node.id !== undefined) this.#texts.add(node.id);
        node.textContent = this.#css(node.textContent ?? "");
      }
    }
    if (event.type === EventType.IncrementalSnapshot) this.#incremental(event.data as unknown as Data);
  }

  #incremental(data: Data): void {
    if (data.source === IncrementalSource.Mutation) {
      for (const text of data.texts ?? []) {
        if (this.#texts.has(text.id) && typeof text.value === "string") text.value = this.#css(text.value);
      }
      for (const { attributes } of data.attributes ?? []) this.#attributes(attributes);
    } else if (data.source === IncrementalSource.StyleSheetRule) {
      this.#rules(data.adds ?? []);
      for (const name of ["replace", "replaceSync"] as const) {
        const whole = data[name];
        if (typeof whole === "string") data[name] = this.#css(whole);
      }
    } else if (data.source === IncrementalSource.AdoptedStyleSheet) {
      for (const { rules } of data.styles ?? []) this.#rules(rules ?? []);
    }
  }

  #rules(rules: { rule?: unknown }[]): void {
    for (const each of rules) if (typeof each.rule === "string") each.rule = this.#css(each.rule);
  }

  #attributes(attributes: Record<string, unknown>): void {
    for (const name of ["_cssText", "style"]) {
      const text = attributes[name];
      if (typeof text === "string") attributes[name] = this.#css(text);
    }
    if (attributes["name"] === "color-scheme" && /light/i.test(String(attributes["content"]))) {
      attributes["content"] = "light";
    }
  }

  #css(text: string): string {
    for (const [, address = ""] of text.matchAll(ADDRESS)) {
      if (this.addresses.size >= MOST_ADDRESSES) break;
      this.addresses.add(address);
    }
    return replayed(text);
  }
}

interface Data {
  source: number;
  texts?: { id: number; value: unknown }[];
  attributes?: { attributes: Record<string, unknown> }[];
  adds?: { rule?: unknown }[];
  replace?: unknown;
  replaceSync?: unknown;
  styles?: { rules?: { rule?: unknown }[] }[];
}
