/** Attributes that no property of an element is named after, in jsdom at least, and the recorder's own. */
const OTHERS = [
  ..."class for role slot part is headers inert popover inputmode enterkeyhint autocapitalize autocorrect contenteditable allow".split(" "),
  ..."allowfullscreen as sandbox playsinline referrerpolicy loading decoding translate spellcheck".split(" "),
];
const PREFIXED = /^(?:xmlns(?::.*)?$|xml:|rr_|data-rr-|_csstext$)/i;

let properties: Set<string> | null = null;

/** Does HTML know an attribute of this name, of any element? */
export function isKnown(name: string): boolean {
  properties ??= new Set(propertyNames());
  return PREFIXED.test(name) || properties.has(name.toLowerCase().replaceAll("-", ""));
}

/** Elements have a property for nearly each of their attributes, named alike but for case and hyphens. */
function* propertyNames(): Generator<string> {
  yield* OTHERS;
  const interfaces = Object.getOwnPropertyNames(window).filter((name) => /^(?:HTML\w*)?Element$/.test(name));
  for (const each of interfaces) {
    const { prototype } = (window as unknown as Record<string, { prototype: object }>)[each]!;
    for (const property of Object.getOwnPropertyNames(prototype)) yield property.toLowerCase();
  }
}
