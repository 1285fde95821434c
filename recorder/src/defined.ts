import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import { type Mirror, nodesOf } from "./roots";

/** Tells which custom elements are defined; rrweb tells only of those that are defined while it records. */
export class Defined {
  private told = new Set<string>();

  constructor(
    private readonly mirror: Mirror,
    private readonly tell: (event: eventWithTime) => void,
  ) {}

  after(event: eventWithTime): void {
    if (event.type === EventType.FullSnapshot) this.told = new Set();
    if (event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.CustomElement) {
      if (event.data.define) this.told.add(event.data.define.name);
    }
    for (const node of nodesOf(event)) {
      if (node.type !== NodeType.Element || !node.tagName.includes("-") || this.told.has(node.tagName)) continue;
      // Each frame has a registry of its own.
      const view = this.mirror.getNode(node.id)?.ownerDocument?.defaultView;
      if (view?.customElements.get(node.tagName) === undefined) continue;
      this.told.add(node.tagName);
      this.tell({
        type: EventType.IncrementalSnapshot,
        timestamp: event.timestamp,
        data: { source: IncrementalSource.CustomElement, define: { name: node.tagName } },
      });
    }
  }
}
