import { EventType, IncrementalSource, NodeType } from "@rrweb/types";
import type { addedNodeMutation, attributeMutation, eventWithTime, mutationData, serializedNodeWithId } from "@rrweb/types";
import type { Replayer } from "rrweb";
import type { Watcher } from "./play";

/** CSS selectors; empty matches nothing. */
export interface Rules {
  block: string;
  mask: string;
}

/**
 * What the rules cover, by node id, found out by asking the browser while the original plays: which elements match
 * now, and what stood above a text, an attribute or a field at the moment it was last written.
 *
 * A block lasts until the element is added again. A mask that is taken away counts to the end of its event, and what
 * was written before a mask came stays as it was. A select with anything blocked or masked inside is masked until it is
 * added again.
 */
export class Judge implements Watcher {
  readonly blocked = new Set<number>();
  private readonly texts = new Map<number, boolean>();
  private readonly elements = new Map<number, boolean>();
  private readonly attributes = new Map<number, Map<string, boolean>>();
  private readonly inputs = new Map<number, boolean>();
  private readonly masking = new Map<number, boolean>();
  private readonly veiled = new Set<number>();

  constructor(private readonly rules: Rules) {}

  maskedText(id: number): boolean {
    return this.texts.get(id) ?? false;
  }

  maskedAttribute(id: number, name: string): boolean {
    return this.attributes.get(id)?.get(name) ?? this.elements.get(id) ?? false;
  }

  /** Of the live value and state of a field, which an Input event sets over the attributes. */
  maskedField(id: number): boolean {
    return this.inputs.get(id) ?? (this.maskedAttribute(id, "value") || this.maskedAttribute(id, "checked"));
  }

  seen(event: eventWithTime, replayer: Replayer): void {
    if (event.type === EventType.FullSnapshot) {
      this.written([event.data.node], replayer);
    } else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Mutation) {
      this.mutated(event.data, replayer);
    } else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Input) {
      this.inputs.set(event.data.id, this.covers(event.data.id, replayer));
    }
  }

  private mutated(data: mutationData, replayer: Replayer): void {
    const changed = (data.attributes as attributeMutation[]).map(({ id }) => id);
    for (const id of changed) {
      if (this.matches(id, this.rules.block, replayer)) this.blocked.add(id);
      if (this.matches(id, this.rules.mask, replayer)) this.masking.set(id, true);
      this.veil(id, replayer);
    }
    this.written(
      (data.adds as addedNodeMutation[]).map(({ node }) => node),
      replayer,
    );
    for (const { id } of data.texts) this.texts.set(id, this.covers(id, replayer));
    for (const { id, attributes } of data.attributes as attributeMutation[]) {
      for (const [name, value] of Object.entries(attributes)) {
        // A style may be given as changes to what stands there.
        const part = name === "style" && typeof value === "object" && this.maskedAttribute(id, name);
        this.setAttribute(id, name, part || this.covers(id, replayer));
      }
    }
    for (const id of changed) this.masking.set(id, this.matches(id, this.rules.mask, replayer));
  }

  /** Whole nodes, new or anew. */
  private written(nodes: serializedNodeWithId[], replayer: Replayer): void {
    const all: serializedNodeWithId[] = [];
    const waiting = [...nodes];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      all.push(node);
      if ("childNodes" in node) waiting.push(...node.childNodes);
    }
    for (const { id, type } of all) {
      if (type !== NodeType.Element) continue;
      this.blocked.delete(id);
      this.veiled.delete(id);
      if (this.matches(id, this.rules.block, replayer)) this.blocked.add(id);
      this.masking.set(id, this.matches(id, this.rules.mask, replayer));
    }
    for (const { id } of all) this.veil(id, replayer);
    for (const node of all) {
      const masked = this.covers(node.id, replayer);
      if (node.type !== NodeType.Element) {
        this.texts.set(node.id, masked);
        continue;
      }
      this.elements.set(node.id, masked);
      this.inputs.delete(node.id);
      this.attributes.delete(node.id);
    }
  }

  /** A select tells which of its options is chosen, so it is covered with the first of them. */
  private veil(id: number, replayer: Replayer): void {
    if (!this.blocked.has(id) && this.masking.get(id) !== true) return;
    const mirror = replayer.getMirror();
    const select = (mirror.getNode(id) as Element | null)?.parentElement?.closest("select");
    if (select) this.veiled.add(mirror.getId(select));
  }

  private setAttribute(id: number, name: string, masked: boolean): void {
    const ofNode = this.attributes.get(id) ?? new Map<string, boolean>();
    this.attributes.set(id, ofNode.set(name, masked));
  }

  private matches(id: number, selector: string, replayer: Replayer): boolean {
    const node = replayer.getMirror().getNode(id);
    return selector !== "" && node !== null && "matches" in node && (node as Element).matches(selector);
  }

  /** Is the node, or anything above it through shadow roots and iframes, masked? */
  private covers(id: number, replayer: Replayer): boolean {
    const mirror = replayer.getMirror();
    for (let node = mirror.getNode(id) as Node | null; node; node = above(node, replayer)) {
      const at = mirror.getId(node);
      if (this.masking.get(at) === true || this.veiled.has(at)) return true;
    }
    return false;
  }
}

function above(node: Node, replayer: Replayer): Node | null {
  if (node === replayer.iframe.contentDocument) return null;
  if (node.parentNode) return node.parentNode;
  if ("host" in node) return node.host as Element;
  return (node as Document).defaultView?.frameElement ?? null;
}
