import { EventType, type eventWithTime } from "@rrweb/types";
import type { Follower, Mirror } from "./roots";

export const TOP_LAYER = "reelstream.top_layer";

type Kind = "popover" | "fullscreen";

/** Tells which popovers are open and what fills the screen; rrweb tells of dialogs alone. */
export class TopLayer implements Follower {
  private leave = new AbortController();
  private roots = new Set<Node>();
  private full: Element | null = null;

  constructor(
    private readonly mirror: Mirror,
    private readonly tell: (event: eventWithTime) => void,
  ) {}

  reset(): void {
    this.leave.abort();
    this.leave = new AbortController();
    this.roots = new Set();
    this.full = null;
  }

  /** What is open already is told at once. */
  enter(root: Document | ShadowRoot): void {
    if (this.roots.has(root)) return;
    this.roots.add(root);
    const { signal } = this.leave;
    // `toggle` leaves no shadow tree; dialogs and `<details>` have it too.
    root.addEventListener("toggle", (event) => this.toggled(event as ToggleEvent), { capture: true, signal });
    root.addEventListener("fullscreenchange", () => this.filled(), { signal });
    for (const popover of openPopovers(root)) this.say(popover, "popover", true);
    if (root === document) this.filled();
  }

  private toggled({ target, newState }: ToggleEvent): void {
    const element = target as HTMLElement;
    if (element.popover) this.say(element, "popover", newState === "open");
  }

  private filled(): void {
    const full = deepest();
    if (full === this.full) return;
    if (this.full !== null) this.say(this.full, "fullscreen", false);
    if (full !== null) this.say(full, "fullscreen", true);
    this.full = full;
  }

  private say(element: Element, kind: Kind, open: boolean): void {
    const id = this.mirror.getId(element);
    if (id < 1) return;
    this.tell({ type: EventType.Custom, timestamp: Date.now(), data: { tag: TOP_LAYER, payload: { id, kind, open } } });
  }
}

function openPopovers(root: Document | ShadowRoot): Element[] {
  try {
    return [...root.querySelectorAll(":popover-open")];
  } catch {
    // A browser without popovers refuses the selector.
    return [];
  }
}

/** What fills the screen, inside shadow trees and frames of this origin too. */
function deepest(): Element | null {
  let full = document.fullscreenElement;
  for (let next = full; next !== null; full = next ?? full) {
    next = next.shadowRoot?.fullscreenElement ?? inside(next)?.fullscreenElement ?? null;
    if (next === null) break;
  }
  return full;
}

function inside(element: Element): Document | null {
  return element.localName === "iframe" ? (element as HTMLIFrameElement).contentDocument : null;
}
