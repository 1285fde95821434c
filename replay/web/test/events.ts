import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import type { RecordedNode } from "../nodes";

/** An element as rrweb writes it. */
export function element(id: number, tagName: string, attributes: object = {}, ...childNodes: object[]): RecordedNode {
  return { type: NodeType.Element, id, tagName, attributes, childNodes } as RecordedNode;
}

export function text(id: number, textContent: string): RecordedNode {
  return { type: NodeType.Text, id, textContent };
}

export function event(type: number, data: object, timestamp: number): eventWithTime {
  return { type, data, timestamp } as unknown as eventWithTime;
}

export function meta(href: string, timestamp: number): eventWithTime {
  return event(EventType.Meta, { href, width: 800, height: 600 }, timestamp);
}

export function snapshot(timestamp: number, ...childNodes: object[]): eventWithTime {
  const node = { type: NodeType.Document, id: 1, childNodes };
  return event(EventType.FullSnapshot, { node, initialOffset: { top: 0, left: 0 } }, timestamp);
}

export function incremental(source: IncrementalSource, data: object, timestamp: number): eventWithTime {
  return event(EventType.IncrementalSnapshot, { source, ...data }, timestamp);
}

export function mutation(timestamp: number, parts: object): eventWithTime {
  const all = { adds: [], removes: [], texts: [], attributes: [], ...parts };
  return incremental(IncrementalSource.Mutation, all, timestamp);
}

export function added(timestamp: number, parentId: number, node: RecordedNode): eventWithTime {
  return mutation(timestamp, { adds: [{ parentId, nextId: null, node }] });
}

export function custom(tag: string, payload: object, timestamp: number): eventWithTime {
  return event(EventType.Custom, { tag, payload }, timestamp);
}
