import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import { brought, isElement } from "./nodes";

interface Adoption {
  source: number;
  id: number;
  styleIds: number[];
  styles?: unknown[];
}

/**
 * Puts right what rrweb's player does with a constructed style sheet that a host adopts before it has its shadow root
 * (`Replayer.applyAdoptedStyleSheet`, rrweb-io/rrweb and PostHog/posthog-js 4435): it makes the sheet only if the root
 * is there, and forgets it otherwise. Here the sheet is made at once, on the host's document, and adopted again by the
 * host as soon as the root is there.
 */
export class AdoptedSheets {
  #document = 0;
  readonly #documents = new Set<number>();
  readonly #documentOf = new Map<number, number>();
  readonly #roots = new Set<number>();
  /** What each document and host has adopted. */
  readonly #adopted = new Map<number, number[]>();

  /** The events to give the player instead of `event`. */
  rewrite(event: eventWithTime): eventWithTime[] {
    if (event.type === EventType.FullSnapshot) {
      this.#document = event.data.node.id;
      this.#documents.clear();
      this.#documentOf.clear();
      this.#roots.clear();
      this.#adopted.clear();
    }
    const later = new Set<number>();
    for (const { node, parentId } of brought(event)) {
      if (node.type === NodeType.Document && node.id !== undefined) this.#documents.add(node.id);
      if (isElement(node) && node.id !== undefined) {
        if (node.rootId !== undefined) this.#documentOf.set(node.id, node.rootId);
        // An element that comes again is made anew, and so is its root.
        if (node.isShadowHost) this.#roots.add(node.id);
        else this.#roots.delete(node.id);
        if (node.isShadowHost && this.#adopted.has(node.id)) later.add(node.id);
      }
      if (node.isShadow) {
        if (!this.#roots.has(parentId) && this.#adopted.has(parentId)) later.add(parentId);
        this.#roots.add(parentId);
      }
    }
    if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.AdoptedStyleSheet) {
      return [this.#adopt(event, event.data as unknown as Adoption)];
    }
    const again = [...later].map((id) => adoption(event.timestamp, id, this.#adopted.get(id) ?? []));
    return [event, ...again];
  }

  #adopt(event: eventWithTime, data: Adoption): eventWithTime {
    this.#adopted.set(data.id, data.styleIds ?? []);
    const documentId = this.#documentOf.get(data.id) ?? this.#document;
    if (this.#documents.has(data.id) || this.#roots.has(data.id) || documentId === 0) return event;
    return adoption(event.timestamp, documentId, this.#adopted.get(documentId) ?? [], data.styles ?? []);
  }
}

function adoption(at: number, id: number, styleIds: number[], styles: unknown[] = []): eventWithTime {
  const data = { source: IncrementalSource.AdoptedStyleSheet, id, styleIds, ...(styles.length > 0 ? { styles } : {}) };
  return { type: EventType.IncrementalSnapshot, data, timestamp: at } as unknown as eventWithTime;
}
