/** What a policy that masks all text leaves of the values that selectors compare attributes with. */

/** Names and addresses, by which style sheets find elements. */
const KEPT = /^(?:class|id|name|for|headers|slot|part|is|style|href|src|action|formaction|srcset|poster|cite|background|data)$/i;
const WORD = /^(?:placeholder|title|alt|label|summary|value|aria-.*|data-.*)$/i;
/** What no masked value is, since that has stars, so that the rule matches nothing. */
const NEVER = "#";

/** Is `found` what must be left of a selector's `text` for this attribute? */
export function isSelectorValue(attribute: string, text: string, found: string): boolean {
  if (text === "" || KEPT.test(attribute)) return found === text;
  if (WORD.test(attribute)) return found === NEVER;
  // A keyword or a number, if it is one.
  return found === NEVER || (found === text && /^[\w.,:;/#%()+ -]*$/.test(text));
}
