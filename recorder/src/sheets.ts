import { EventType, type eventWithTime, IncrementalSource, type serializedElementNodeWithId } from "@rrweb/types";
import { absoluteCss, importsOf } from "./css_addresses";
import type { Mirror } from "./roots";

/** Bounds for one page; what is beyond is not captured. Bytes as received, time in ms for one sheet. */
export const MOST_SHEETS = 64;
export const SHEET_BYTES = 1024 * 1024;
export const ALL_BYTES = 4 * 1024 * 1024;
export const SHEET_MS = 10_000;
const DEPTH = 3;

/**
 * Captures style sheets of other hosts, which a page may use but not read. They are fetched again, without cookies and
 * referrer, and put into the recording as rrweb puts those it can read: as `_cssText` of the link.
 */
export class Sheets {
  /** By address: the text, or null for one that is on its way or cannot be had. */
  private readonly texts = new Map<string, string | null>();
  /** Links of a sheet that is on its way. */
  private readonly awaited = new Map<string, Set<Element>>();
  private fetched = 0;
  private bytes = 0;

  /** `hidden`: a selector of elements in which nothing is captured, or "". */
  constructor(
    private readonly mirror: Mirror,
    private readonly fetch: typeof globalThis.fetch,
    private readonly tell: (event: eventWithTime) => void,
    private hidden: string,
  ) {}

  hide(selector: string): void {
    this.hidden = selector;
  }

  /** Puts what is known into a link as rrweb tells it, and fetches what is not. `told`: its event has gone already. */
  fill(node: serializedElementNodeWithId, told = false): void {
    const address = node.attributes.href as string;
    const link = this.mirror.getNode(node.id) as HTMLLinkElement | null;
    if (link === null || (this.hidden !== "" && isInside(link, this.hidden))) return;
    const text = this.texts.get(address);
    if (text && !told) {
      delete node.attributes.rel;
      delete node.attributes.href;
      node.attributes._cssText = text;
    } else {
      this.await(address, link);
    }
  }

  private await(address: string, link: HTMLLinkElement): void {
    const links = this.awaited.get(address);
    if (links) links.add(link);
    if (this.texts.has(address)) return;
    this.texts.set(address, null);
    this.awaited.set(address, new Set([link]));
    void this.sheet(address, DEPTH).then((text) => this.arrived(address, text));
  }

  private arrived(address: string, text: string | null): void {
    const links = this.awaited.get(address) ?? [];
    this.awaited.delete(address);
    this.texts.set(address, text);
    if (!text) return;
    const attributes = [];
    for (const link of links) {
      const id = this.mirror.getId(link);
      if (id > 0 && (link as HTMLLinkElement).href === address) attributes.push({ id, attributes: { _cssText: text } });
    }
    if (attributes.length === 0) return;
    this.tell({
      type: EventType.IncrementalSnapshot,
      timestamp: Date.now(),
      data: { source: IncrementalSource.Mutation, texts: [], attributes, removes: [], adds: [] },
    });
  }

  /** The text with all it imports, or null if it cannot be had within the bounds. */
  private async sheet(address: string, depth: number): Promise<string | null> {
    if (depth === 0 || this.fetched >= MOST_SHEETS || this.bytes >= ALL_BYTES) return null;
    this.fetched++;
    const text = await this.load(address);
    if (text === null) return null;
    const { imports, rest } = importsOf(text);
    const imported = await Promise.all(
      imports.map(async ({ address: given, media }) => {
        const inner = await this.sheet(new URL(given, address).href, depth - 1).catch(() => null);
        // Layers and conditions of `supports()` are more than a query of media: without them it would not be the same.
        if (inner === null || /\b(?:layer|supports)\b/i.test(media)) return "";
        return media === "" ? inner : `@media ${media}{${inner}}`;
      }),
    );
    return [...imported, absoluteCss(rest, address)].join("\n");
  }

  private async load(address: string): Promise<string | null> {
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), SHEET_MS);
    try {
      const response = await this.fetch(address, {
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "force-cache",
        signal: aborter.signal,
      });
      const type = response.headers.get("Content-Type") ?? "text/css";
      if (!response.ok || response.body === null || !/^text\/css\b/i.test(type)) return null;
      const parts: BlobPart[] = [];
      const reader = response.body.getReader();
      for (let size = 0; ; ) {
        const { done, value } = await reader.read();
        if (done) return await new Blob(parts).text();
        size += value.length;
        this.bytes += value.length;
        if (size > SHEET_BYTES || this.bytes > ALL_BYTES) {
          aborter.abort();
          return null;
        }
        parts.push(value as Uint8Array<ArrayBuffer>);
      }
    } catch {
      // Its host does not allow it, the page's Content-Security-Policy does not, or the network failed.
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether the element or one around it matches, through shadow trees. */
function isInside(element: Element, selector: string): boolean {
  for (let at: Element | null = element; at !== null; ) {
    if (at.closest(selector) !== null) return true;
    const root = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return false;
}
