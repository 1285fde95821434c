import { EventType, type eventWithTime, IncrementalSource, NodeType, type serializedNodeWithId } from "@rrweb/types";

/** The part of rrweb's mirror in use: which node has which id, −1 for none. */
export interface Mirror {
  getId(node: Node | null): number;
  getNode(id: number): Node | null;
}

/** What wants to know of the documents and open shadow trees that are recorded. */
export interface Follower {
  /** A document or shadow root is recorded from now on; may come again for the same. */
  enter(root: Document | ShadowRoot): void;
  /** A full snapshot: what is recorded is told anew, what is gone is to be let go. */
  reset(): void;
}

/** The nodes an event brings, each with all below it. */
export function* nodesOf(event: eventWithTime): Generator<serializedNodeWithId> {
  if (event.type === EventType.FullSnapshot) yield* below(event.data.node);
  else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Mutation) {
    for (const { node } of event.data.adds) yield* below(node);
  }
}

/** Tells followers of each document and shadow tree that an event of rrweb's brings, the top document first. */
export class Roots {
  constructor(
    private readonly mirror: Mirror,
    private readonly followers: readonly Follower[],
  ) {}

  after(event: eventWithTime): void {
    if (event.type === EventType.FullSnapshot) {
      for (const follower of this.followers) follower.reset();
      this.enter(document);
    } else if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.Mutation) {
      for (const { node, parentId } of event.data.adds) if (node.isShadow) this.enterShadow(parentId);
    }
    for (const node of nodesOf(event)) {
      // A frame of another origin has no node here.
      if (node.type === NodeType.Document) this.enter(this.mirror.getNode(node.id) as Document | null);
      else if (node.type === NodeType.Element && node.isShadowHost) this.enterShadow(node.id);
    }
  }

  private enterShadow(host: number): void {
    this.enter((this.mirror.getNode(host) as Element | null)?.shadowRoot ?? null);
  }

  private enter(root: Document | ShadowRoot | null): void {
    if (root !== null) for (const follower of this.followers) follower.enter(root);
  }
}

function* below(top: serializedNodeWithId): Generator<serializedNodeWithId> {
  const waiting = [top];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    if (next.type === NodeType.Document || next.type === NodeType.Element) waiting.push(...next.childNodes);
  }
}
