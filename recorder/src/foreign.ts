import { type eventWithTime, NodeType, type serializedElementNodeWithId } from "@rrweb/types";
import type { Change } from "./around";
import { nodesOf } from "./roots";
import type { Sheets } from "./sheets";

/** Finds links to style sheets that rrweb cannot read, and has them filled as soon as what does that is loaded. */
export class ForeignSheets implements Change {
  private sheets: Sheets | null = null;
  private waiting: serializedElementNodeWithId[] | null = [];

  /** `load` is called once, when the first such link is seen. */
  constructor(private readonly load: () => void) {}

  /** What does the work is there; null: it cannot be had. */
  use(sheets: Sheets | null): void {
    const waiting = this.waiting ?? [];
    this.sheets = sheets;
    this.waiting = null;
    for (const node of waiting) sheets?.fill(node, true);
  }

  before(event: eventWithTime): void {
    for (const node of nodesOf(event)) {
      if (node.type !== NodeType.Element || node.tagName !== "link" || !isForeignSheet(node)) continue;
      if (this.sheets !== null) this.sheets.fill(node);
      else if (this.waiting?.push(node) === 1) this.load();
    }
  }
}

/** rrweb reads sheets of this origin, and those that the page asks for with CORS. */
function isForeignSheet({ attributes: { rel, href, crossorigin } }: serializedElementNodeWithId): boolean {
  if (typeof rel !== "string" || typeof href !== "string" || crossorigin !== undefined) return false;
  if (!/(?:^|\s)stylesheet(?:\s|$)/i.test(rel) || /\balternate\b/i.test(rel)) return false;
  return /^https?:/i.test(href) && !href.startsWith(`${location.origin}/`);
}
