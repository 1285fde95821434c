import type { eventWithTime } from "@rrweb/types";
import { Activity } from "./activity";
import { get, jsonLines } from "./api";
import { Rewriter } from "./rewrite";
import type { Lane } from "./timeline";
import type { Kind } from "./unseen";

/** Events of windows that are not shown are kept up to this many characters of JSON in all; they are loaded again. */
const KEPT_CHARACTERS = 128_000_000;

/** A window of the session as it was read. */
export interface LoadedWindow extends Lane, Pick<Activity, "notes" | "topLayer"> {
  unseen: { counts: Map<Kind, number>; addresses: number };
}

interface Kept {
  events: eventWithTime[];
  characters: number;
}

/**
 * Reads windows one after another and keeps events of the latest ones only. Node ids of two windows collide, so they
 * never share a player.
 */
export class Windows {
  readonly #path: string;
  /** The one that was asked for last is last. */
  readonly #kept = new Map<string, Kept>();

  constructor(session: string) {
    this.#path = `/api/recordings/${encodeURIComponent(session)}/events?window=`;
  }

  /** Reads a window. `progress` is told the number of events now and then. Raises ApiError. */
  async load(id: string, progress: (events: number) => void = () => {}): Promise<LoadedWindow> {
    const { body } = await get(this.#path + encodeURIComponent(id));
    const activity = new Activity();
    const rewriter = new Rewriter();
    const kept: Kept = { events: [], characters: 0 };
    let read = 0;
    if (body !== null) {
      const count = (characters: number) => (kept.characters += characters);
      for await (const event of jsonLines<eventWithTime & { windowId?: string }>(body, count)) {
        delete event.windowId;
        activity.add(event);
        for (const each of await rewriter.rewrite(event)) kept.events.push(each);
        read += 1;
        if (read % 500 === 0) progress(read);
      }
    }
    for (const each of rewriter.end(activity.last)) kept.events.push(each);
    if (activity.snapshots.length > 0) this.#keep(id, kept);
    const { first, last, claims, interactions, pages, snapshots, notes, topLayer } = activity;
    const facts = { first, last, claims, interactions, pages, snapshots, notes, topLayer };
    return { id, events: read, unseen: rewriter.unseen(), ...facts };
  }

  /** Events of a window if they are at hand. */
  held(id: string): eventWithTime[] | null {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    return kept.events;
  }

  /** Events of a window that was read before. Raises ApiError. */
  async events(id: string): Promise<eventWithTime[]> {
    if (!this.#kept.has(id)) await this.load(id);
    return this.held(id) ?? [];
  }

  #keep(id: string, kept: Kept): void {
    this.#kept.delete(id);
    let characters = kept.characters;
    for (const other of this.#kept.values()) characters += other.characters;
    for (const [other, { characters: less }] of this.#kept) {
      if (characters <= KEPT_CHARACTERS) break;
      this.#kept.delete(other);
      characters -= less;
    }
    this.#kept.set(id, kept);
  }
}
