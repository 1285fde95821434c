/** HTML, section 4.10.18.7: passwords, one-time codes and payment cards. */
const COMPLETION = /^(?:one-time-code|cc-.*|.*-password)$/i;
/** `docs/privacy.md`: words of names and ids, and words in a row. */
const WORDS = `
  cardholder cardno cardnum cardnumber cccid cccsc cccvc cccvv cccvv2 ccexp ccno ccnum ccnumber ccv cid
  creditcard csc cvc cvc2 cvv cvv2 debitcard expdate expiry expmonth expyear otp pan passcode passwd password
  pin pincode pwd totp`.trim().split(/\s+/);
const ROWS = `
  2-fa access-code auth-code authentication-code card-code card-csc card-cvc card-cvv card-exp card-expiration
  card-expiry card-holder card-no card-num card-number card-pin card-security cc-csc cc-cvc cc-cvv cc-exp
  cc-expiry cc-month cc-name cc-no cc-num cc-number cc-year confirmation-code credit-card debit-card exp-date
  exp-month exp-year expiration-date expiration-month expiration-year expiry-date mfa-code name-on-card
  one-time-code one-time-passcode one-time-password one-time-pin security-code sms-code two-factor
  verification-code verify-code`.trim().split(/\s+/);
const LONG = [...WORDS, ...ROWS].map((each) => each.replaceAll("-", "")).filter((each) => each.length >= 8);
const ONE_DIGIT = /^(?:\\d|\[0-9\])(?:\{1\}|\{0,1\}|\?)?$/;
const NO_TEXT = /^\s*(?:checkbox|radio|submit|button|reset|image)\s*$/i;
const FIELD = /^(?:input|select|textarea)$/i;

/** Fields that are or once were secret; true of them for as long as their page is loaded, whatever they become. */
export class Secrets {
  private readonly ids = new Set<number>();

  has(id: number): boolean {
    return this.ids.has(id);
  }

  /** Note what the attributes of a node say, all of them or those that change. */
  see(id: number, node: Node | null, attributes: Record<string, unknown>): void {
    if (node === null || !FIELD.test(node.nodeName)) return;
    const { type, autocomplete, "data-rr-is-password": mark } = attributes;
    const completions = typeof autocomplete === "string" ? autocomplete.split(/\s+/) : [];
    const isPassword = /^input$/i.test(node.nodeName) && /^\s*password\s*$/i.test(String(type));
    if (!NO_TEXT.test(String(type ?? (node as Element).getAttribute("type"))) && isNamed(node, attributes)) this.ids.add(id);
    if (isPassword || mark !== undefined || completions.some((name) => COMPLETION.test(name))) this.ids.add(id);
  }
}

function isNamed(node: Node, { name, id, maxlength, size, pattern }: Record<string, unknown>): boolean {
  if ([name, id].some((each) => typeof each === "string" && isSecretName(each))) return true;
  const isInput = /^input$/i.test(node.nodeName);
  return isInput && ([maxlength, size].some((each) => parseInt(String(each), 10) === 1) || ONE_DIGIT.test(String(pattern)));
}

function isSecretName(name: string): boolean {
  const words = (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]|[0-9]+/g) ?? []).map((word) => word.toLowerCase());
  const [row, joined] = [`-${words.join("-")}-`, words.join("")];
  if ([...words, joined].some((word) => WORDS.includes(word)) || LONG.some((each) => joined.includes(each))) return true;
  return ROWS.some((each) => row.includes(`-${each}-`));
}
