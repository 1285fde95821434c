import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";

/** A serialized node, as hostile as whoever wrote it. */
export interface RecordedNode {
  id?: number;
  type?: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: RecordedNode[];
  textContent?: string;
  rootId?: number;
  isCustom?: boolean;
  isSVG?: boolean;
  isShadow?: boolean;
  isShadowHost?: boolean;
}

/** A node an event brings; `parent` is null for the document of a snapshot. */
export interface Brought {
  node: RecordedNode;
  parentId: number;
  parent: RecordedNode | null;
}

export type Attributes = Record<string, unknown>;

/** The player asks for lower case, and takes what stands before a colon for part of the name. */
export function localName(node: RecordedNode): string {
  const tag = String(node.tagName ?? "").toLowerCase();
  return tag.slice(tag.lastIndexOf(":") + 1);
}

/** The nodes of a tree, parents first. Without recursion: a page may be nested deeper than calls can be. */
function* tree(root: RecordedNode, parentId: number): Generator<Brought> {
  const waiting: Brought[] = [{ node: root, parentId, parent: null }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const { node } = next;
    for (const child of node.childNodes ?? []) waiting.push({ node: child, parentId: node.id ?? 0, parent: node });
  }
}

/** Every node that an event brings into the page. */
export function* brought(event: eventWithTime): Generator<Brought> {
  if (event.type === EventType.FullSnapshot) yield* tree(event.data.node as RecordedNode, 0);
  if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.Mutation) return;
  for (const { node, parentId } of event.data.adds ?? []) yield* tree(node as RecordedNode, parentId);
}

/** The changes of attributes that an event brings, to be changed in place. */
export function changes(event: eventWithTime): { id: number; attributes: Attributes }[] {
  if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.Mutation) return [];
  return (event.data.attributes ?? []) as { id: number; attributes: Attributes }[];
}

/** An event of ours that changes attributes of elements that are there. */
export function change(at: number, attributes: { id: number; attributes: Attributes }[]): eventWithTime {
  const data = { source: IncrementalSource.Mutation, texts: [], removes: [], adds: [], attributes };
  return { type: EventType.IncrementalSnapshot, data, timestamp: at } as unknown as eventWithTime;
}

export function isElement(node: RecordedNode): boolean {
  return node.type === NodeType.Element;
}
