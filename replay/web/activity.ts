import { EventType, type eventWithTime, IncrementalSource, MouseInteractions } from "@rrweb/types";
import { Clicks } from "./clicks";

/** Something that says which tab a person looks at. */
export interface Claim {
  at: number;
  kind: "opened" | "shown" | "hidden" | "used" | "moved";
}

/** A thing to tell in its place. */
export interface Note {
  at: number;
  kind: "not_recorded" | "missing" | "error" | "rage" | "dead";
  reason: string;
  count: number;
}

/** A page of a window: from when it is announced, and when it is to be seen, epoch ms. */
export interface Shown {
  announced: number;
  at: number;
  href: string;
}

/** An open or closed popover or full screen, epoch ms. */
export interface TopLayerChange {
  at: number;
  id: number;
  kind: string;
  open: boolean;
}

/** Of what a person does, at most one in this time is kept, ms. */
const RESOLUTION_MS = 500;
const MOST_NOTES = 2000;
/** Only a person at that very page does these. */
const USES = new Set<number>([
  MouseInteractions.MouseUp,
  MouseInteractions.MouseDown,
  MouseInteractions.Click,
  MouseInteractions.ContextMenu,
  MouseInteractions.DblClick,
  MouseInteractions.TouchStart,
  MouseInteractions.TouchEnd,
]);
const MOVES = new Set<number>([
  IncrementalSource.MouseMove,
  IncrementalSource.TouchMove,
  IncrementalSource.Drag,
]);
/** A script can do these too, also in a tab that nobody sees. */
const MAYBE = new Set<number>([IncrementalSource.Scroll, IncrementalSource.Input, IncrementalSource.MediaInteraction]);

/** What a window's events say about when it was used and looked at, read once, in their order. */
export class Activity {
  first = Infinity;
  last = -Infinity;
  readonly claims: Claim[] = [];
  readonly notes: Note[] = [];
  readonly pages: Shown[] = [];
  readonly interactions: number[] = [];
  readonly topLayer: TopLayerChange[] = [];
  readonly snapshots: number[] = [];
  readonly #clicks = new Clicks();
  #meta: { announced: number; href: string } | null = null;

  add(event: eventWithTime): void {
    const at = event.timestamp;
    this.first = Math.min(this.first, at);
    this.last = Math.max(this.last, at);
    this.#clicks.add(event, (kind, clicked) => this.#note(clicked, kind, "", 1));
    if (event.type === EventType.Meta) this.#meta = { announced: at, href: String(event.data.href) };
    else if (event.type === EventType.FullSnapshot) this.#snapshot(at);
    else if (event.type === EventType.Custom) this.#custom(at, String(event.data.tag), event.data.payload);
    else if (event.type === EventType.Plugin) this.#plugin(at, event.data.plugin, event.data.payload);
    else if (event.type === EventType.IncrementalSnapshot) this.#incremental(at, event.data);
  }

  #snapshot(at: number): void {
    const { announced, href } = this.#meta ?? { announced: at, href: "" };
    // A snapshot now and then is of the same page.
    if (this.pages.at(-1)?.href !== href) this.claims.push({ at, kind: "opened" });
    this.snapshots.push(at);
    this.pages.push({ announced, at, href });
  }

  #incremental(at: number, data: { source: number; type?: unknown }): void {
    const isUse = data.source === IncrementalSource.MouseInteraction && USES.has(Number(data.type));
    if (isUse || MOVES.has(data.source)) this.#used(at, "used");
    else if (MAYBE.has(data.source)) this.#used(at, "moved");
  }

  #used(at: number, kind: "used" | "moved"): void {
    const before = this.claims.at(-1);
    if (before?.kind === kind && at - before.at < RESOLUTION_MS && at >= before.at) return;
    this.claims.push({ at, kind });
    this.interactions.push(at);
  }

  #custom(at: number, tag: string, payload: unknown): void {
    const told = (typeof payload === "object" && payload !== null ? payload : {}) as Record<string, unknown>;
    if (tag === "reelstream.visibility") this.claims.push({ at, kind: told["visible"] === true ? "shown" : "hidden" });
    if (tag === "reelstream.top_layer") {
      this.topLayer.push({ at, id: Number(told["id"]), kind: String(told["kind"]), open: told["open"] === true });
    }
    if (tag === "reelstream.not_recorded") this.#note(at, "not_recorded", String(told["reason"]), told["count"]);
    if (tag === "reelstream.missing") {
      const count = Number(told["last_seq"]) - Number(told["first_seq"]) + 1;
      this.#note(at, "missing", String(told["reason"] ?? ""), count);
    }
  }

  #plugin(at: number, plugin: string, payload: unknown): void {
    const level = (payload as { level?: unknown } | null)?.level;
    if (plugin.startsWith("rrweb/console@") && level === "error") this.#note(at, "error", "", 1);
  }

  #note(at: number, kind: Note["kind"], reason: string, count: unknown): void {
    if (this.notes.length < MOST_NOTES) this.notes.push({ at, kind, reason, count: Math.max(1, Number(count) || 1) });
  }
}
