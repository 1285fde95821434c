import { EventType, type eventWithTime } from "@rrweb/types";
import type { Around, Change } from "./around";
import { Children } from "./children";
import { Defined } from "./defined";
import { type Mirror, Roots } from "./roots";
import { TopLayer } from "./top_layer";
import { Watch } from "./watch";

/** What rrweb leaves out, told in the order in which it happens. */
export class Surroundings implements Around {
  private readonly watch: Watch;
  private readonly roots: Roots;
  private readonly topLayer: TopLayer;
  private readonly defined: Defined;
  private readonly children = new Children();

  constructor(mirror: Mirror, tell: (event: eventWithTime) => void, private readonly changes: readonly Change[]) {
    this.watch = new Watch(mirror, tell, MutationObserver);
    this.topLayer = new TopLayer(mirror, tell);
    this.defined = new Defined(mirror, tell);
    this.roots = new Roots(mirror, [this.watch, this.topLayer]);
  }

  watchFor(selectors: readonly string[]): void {
    this.watch.watch(selectors);
  }

  before(event: eventWithTime): void {
    // Nothing may come between a snapshot and its Meta.
    if (event.type === EventType.FullSnapshot) this.watch.skip();
    else this.watch.before();
    for (const change of this.changes) change.before(event);
  }

  after(event: eventWithTime): void {
    this.roots.after(event);
    this.defined.after(event);
    if (event.type === EventType.FullSnapshot) this.children.ask();
  }

  stop(): void {
    this.watch.reset();
    this.topLayer.reset();
  }
}
