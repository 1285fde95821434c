import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import { brought, change, isElement, localName } from "./nodes";
import { UNDEFINED } from "./sheets";

/**
 * Tells which custom elements were defined at each moment, in the events themselves, so that going back in time undoes
 * a definition. rrweb's player ignores definitions, and a browser never forgets one.
 */
export class CustomElements {
  readonly #waiting = new Map<string, Set<number>>();
  readonly #defined = new Set<string>();

  /** Marks the elements an event brings; an event to follow it, where it is a definition. */
  rewrite(event: eventWithTime): eventWithTime[] {
    if (event.type === EventType.FullSnapshot) {
      // Elements of a snapshot say themselves what they are.
      this.#waiting.clear();
      this.#defined.clear();
    }
    for (const { node } of brought(event)) {
      const tag = localName(node);
      if (!isElement(node) || node.id === undefined || !tag.includes("-") || node.isSVG) continue;
      if (node.isCustom || this.#defined.has(tag)) continue;
      node.attributes = { ...node.attributes, [UNDEFINED]: "" };
      const ids = this.#waiting.get(tag) ?? new Set();
      this.#waiting.set(tag, ids.add(node.id));
    }
    if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.CustomElement) return [];
    const name = String(event.data.define?.name ?? "").toLowerCase();
    const ids = [...(this.#waiting.get(name) ?? [])];
    this.#defined.add(name);
    this.#waiting.delete(name);
    const attributes = ids.map((id) => ({ id, attributes: { [UNDEFINED]: null } }));
    return ids.length > 0 ? [change(event.timestamp, attributes)] : [];
  }
}
