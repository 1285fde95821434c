import { EventType, IncrementalSource, NodeType } from "@rrweb/types";
import type { addedNodeMutation, attributeMutation, eventWithTime, mutationData, serializedNodeWithId } from "@rrweb/types";
import type { Replayer } from "rrweb";
import { EDITABLE, masksKind, type Cover, type Policy } from "./field_rules";
import type { Watcher } from "./play";
import { Secrets } from "./secrets";

/** Class names; and the policy that holds for all else, or null for none. */
export interface Rules {
  block: string;
  mask: string;
  ignore: string;
  policy: Policy | null;
}

const NOTHING: Cover = { masked: false, guarded: false };

/**
 * What the rules cover, by node id, found out by asking the document while the original plays: which elements have
 * the classes now, and what stood above a text, an attribute or a field at the moment it was last written.
 *
 * A block lasts until the element is added again. A mask that is taken away counts to the end of its event, and what
 * was written before a mask came stays as it was. So does what a class says to ignore. A select with anything of these
 * inside is masked until it is added again.
 */
export class Judge implements Watcher {
  readonly blocked = new Set<number>();
  /** Those of them that were shown before, with attributes that nobody can take back. */
  readonly lateBlocked = new Set<number>();
  private readonly texts = new Map<number, Cover>();
  private readonly elements = new Map<number, Cover>();
  private readonly attributes = new Map<number, Map<string, Cover>>();
  private readonly inputs = new Map<number, Cover>();
  private readonly masking = new Set<number>();
  private readonly ignoring = new Set<number>();
  private readonly veiled = new Set<number>();
  private replayer: Replayer | null = null;

  constructor(
    private readonly rules: Rules,
    private readonly secrets: Secrets,
  ) {}

  text(id: number): Cover {
    return this.texts.get(id) ?? NOTHING;
  }

  attribute(id: number, name: string): Cover {
    return this.attributes.get(id)?.get(name) ?? this.elements.get(id) ?? NOTHING;
  }

  /** Is the live value and state of a field masked, which an Input event sets over the attributes? */
  maskedField(id: number): boolean {
    const covers = [this.attribute(id, "value"), this.attribute(id, "checked")];
    const input = this.inputs.get(id);
    return (input ? [input] : covers).some(({ masked, guarded }) => masked || guarded);
  }

  seen(event: eventWithTime, replayer: Replayer): void {
    this.replayer = replayer;
    if (event.type === EventType.FullSnapshot) {
      this.written([event.data.node], replayer);
    } else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Mutation) {
      this.mutated(event.data, replayer);
    } else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Input) {
      this.inputs.set(event.data.id, this.covers(event.data.id, replayer));
    }
  }

  private mutated(data: mutationData, replayer: Replayer): void {
    const changes = data.attributes as attributeMutation[];
    for (const { id, attributes } of changes) {
      if (this.matches(id, this.rules.block, replayer)) {
        if (!this.blocked.has(id)) this.lateBlocked.add(id);
        this.blocked.add(id);
      }
      if (this.matches(id, this.rules.mask, replayer)) this.masking.add(id);
      if (this.matches(id, this.rules.ignore, replayer)) this.ignoring.add(id);
      this.veil(id, replayer);
      this.secrets.see(id, replayer.getMirror().getNode(id), attributes);
    }
    this.written(
      (data.adds as addedNodeMutation[]).map(({ node }) => node),
      replayer,
    );
    for (const { id } of data.texts) this.texts.set(id, this.covers(id, replayer));
    for (const { id, attributes } of changes) {
      for (const [name, value] of Object.entries(attributes)) {
        // A style may be given as changes to what stands there.
        const part = name === "style" && typeof value === "object" && this.attribute(id, name).masked;
        const cover = this.covers(id, replayer);
        this.setAttribute(id, name, { ...cover, masked: part || cover.masked, late: true });
      }
    }
    for (const { id } of changes) this.settle(id, replayer);
  }

  /** Whole nodes, new or anew. */
  private written(nodes: serializedNodeWithId[], replayer: Replayer): void {
    const all: serializedNodeWithId[] = [];
    const waiting = [...nodes];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      all.push(node);
      if ("childNodes" in node) waiting.push(...node.childNodes);
    }
    for (const node of all) {
      if (node.type !== NodeType.Element) continue;
      this.blocked.delete(node.id);
      this.lateBlocked.delete(node.id);
      this.veiled.delete(node.id);
      if (this.matches(node.id, this.rules.block, replayer)) this.blocked.add(node.id);
      this.settle(node.id, replayer);
      this.secrets.see(node.id, replayer.getMirror().getNode(node.id), node.attributes);
    }
    for (const { id } of all) this.veil(id, replayer);
    for (const node of all) {
      const cover = this.covers(node.id, replayer);
      if (node.type !== NodeType.Element) {
        this.texts.set(node.id, cover);
        continue;
      }
      this.elements.set(node.id, cover);
      this.inputs.delete(node.id);
      this.attributes.delete(node.id);
    }
  }

  /** A select tells which of its options is chosen, so it is covered with the first of them. */
  private veil(id: number, replayer: Replayer): void {
    if (!this.blocked.has(id) && !this.masking.has(id) && !this.ignoring.has(id)) return;
    const mirror = replayer.getMirror();
    const select = (mirror.getNode(id) as Element | null)?.parentElement?.closest("select");
    if (select) this.veiled.add(mirror.getId(select));
  }

  private settle(id: number, replayer: Replayer): void {
    for (const [ids, name] of [
      [this.masking, this.rules.mask],
      [this.ignoring, this.rules.ignore],
    ] as const) {
      if (this.matches(id, name, replayer)) ids.add(id);
      else ids.delete(id);
    }
  }

  private setAttribute(id: number, name: string, cover: Cover): void {
    const ofNode = this.attributes.get(id) ?? new Map<string, Cover>();
    this.attributes.set(id, ofNode.set(name, cover));
  }

  /** Has the element the class? Documents in quirks mode ignore its case. */
  private matches(id: number, name: string, replayer: Replayer): boolean {
    const mirror = replayer.getMirror();
    const node = mirror.getNode(id);
    if (node === null || !("classList" in node)) return false;
    const page = node.ownerDocument && mirror.getMeta(node.ownerDocument);
    const quirks = page !== null && "compatMode" in page && page.compatMode === "BackCompat";
    const form = (text: string) => (quirks ? text.toLowerCase() : text);
    return [...(node as Element).classList].some((each) => form(each) === form(name));
  }

  /** Is the node, or anything above it through shadow roots and iframes, masked? Is it, or is it in, a guarded field? */
  private covers(id: number, replayer: Replayer): Cover {
    const mirror = replayer.getMirror();
    const self = mirror.getNode(id) as Node | null;
    const guarded = this.guards(self, id);
    for (let node = self; node; node = above(node, replayer)) {
      const at = mirror.getId(node);
      if (this.masking.has(at) || this.veiled.has(at)) return { masked: true, guarded };
      // What stands in these is their value.
      const holdsValue = /^(?:select|textarea)$/i.test(node.nodeName) || isEditable(node);
      if (holdsValue && this.guards(node, at)) return { masked: node !== self, guarded: true };
    }
    return { masked: false, guarded };
  }

  /** A rule about fields holds for those inside what it matches. */
  private isInIgnored(node: Node): boolean {
    const replayer = this.replayer;
    for (let at = replayer && above(node, replayer); at; at = above(at, replayer!)) {
      if (this.ignoring.has(replayer!.getMirror().getId(at))) return true;
    }
    return false;
  }

  private guards(node: Node | null, id: number): boolean {
    const isField = node !== null && /^(?:input|select|textarea)$/i.test(node.nodeName);
    if (node === null || !(isField || isEditable(node))) return false;
    const { policy } = this.rules;
    if (this.ignoring.has(id) || this.isInIgnored(node)) return true;
    return policy !== null && (masksKind(policy, node as Element) || this.secrets.has(id));
  }
}

function isEditable(node: Node): boolean {
  return node.nodeType === 1 && (node as Element).matches(EDITABLE);
}

function above(node: Node, replayer: Replayer): Node | null {
  if (node === replayer.iframe.contentDocument) return null;
  if (node.parentNode) return node.parentNode;
  if ("host" in node) return node.host as Element;
  return (node as Document).defaultView?.frameElement ?? null;
}
