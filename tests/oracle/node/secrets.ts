/** HTML, section 4.10.18.7: passwords, one-time codes and payment cards. */
const COMPLETION = /^(?:one-time-code|cc-.*|.*-password)$/i;
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
    if (isPassword || mark !== undefined || completions.some((name) => COMPLETION.test(name))) this.ids.add(id);
  }
}
