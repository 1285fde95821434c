import type { Note } from "./activity";
import { make } from "./dom";
import { address, counted, duration } from "./format";
import { notRecorded } from "./losses";
import type { Recording } from "./recording";
import { MOST_ADDRESSES } from "./sheets";
import { windowOf } from "./timeline";
import type { Kind } from "./unseen";
import type { LoadedWindow } from "./windows";

/** Something to go to, epoch ms. */
export interface Moment {
  at: number;
  /** Null where it is not known. */
  window: string | null;
  kind: "load" | "route" | "error" | "rage" | "dead" | "lost";
  text: string;
}

const BOX = "a box of its size stands there";
const UNSEEN: Readonly<Record<Kind, readonly [one: string, many: string, instead: string]>> = {
  picture: ["picture", "pictures", BOX],
  sprite: ["drawing of another file", "drawings of other files", "its place is grey"],
  canvas: ["canvas", "canvases", BOX],
  frame: ["frame of another site", "frames of other sites", BOX],
  video: ["video", "videos", BOX],
  sound: ["sound", "sounds", "nothing is heard"],
  sheet: ["style sheet of another site", "style sheets of other sites", "the page looked different"],
  embedded: ["embedded object", "embedded objects", "its place is empty"],
  font: ["font", "fonts", "letters look different"],
};

/** The pages and routes, in the order of time. */
export function pageMoments(recording: Recording, lanes: readonly LoadedWindow[]): Moment[] {
  return recording.pages.map(({ url, at, window_id, kind }) => {
    const time = Date.parse(at);
    return { at: time, window: window_id ?? windowOf(lanes, url, time)?.id ?? null, kind: kind ?? "load", text: url };
  });
}

const EVENTS: Readonly<Partial<Record<Note["kind"], readonly [Moment["kind"], string]>>> = {
  error: ["error", "Error"],
  rage: ["rage", "Rage click"],
  dead: ["dead", "Dead click"],
};

/** Errors and clicks, in the order of time. */
export function eventMoments(lanes: readonly LoadedWindow[]): Moment[] {
  const found = lanes.flatMap(({ id, notes }) =>
    notes.flatMap(({ at, kind }): Moment[] => {
      const [as, text] = EVENTS[kind] ?? [];
      return as && text ? [{ at, window: id, kind: as, text }] : [];
    }),
  );
  return found.sort((a, b) => a.at - b.at);
}

/** What is missing at a moment, in the order of time. */
export function lostMoments(lanes: readonly LoadedWindow[]): Moment[] {
  const told = ({ kind, reason, count }: Note) => {
    if (kind === "not_recorded") return notRecorded(reason) + times(count);
    const payloads = counted(count, "payload");
    return reason === "page_left"
      ? `${payloads} could not be shown: their page had been left, and no snapshot came with them.`
      : `${payloads} could not be read.`;
  };
  return lanes
    .flatMap(({ id, notes }) =>
      notes
        .filter(({ kind }) => kind === "missing" || kind === "not_recorded")
        .map((note): Moment => ({ at: note.at, window: id, kind: "lost", text: told(note) })),
    )
    .sort((a, b) => a.at - b.at);
}

function times(count: number): string {
  return count > 1 ? ` (${counted(count, "time")})` : "";
}

/** Moments as list items with a button each; `start` is the session's (epoch ms), `name` tells windows apart. */
export function momentItems(
  moments: readonly Moment[],
  start: number,
  name: (window: string) => string | null,
  go: (moment: Moment) => void,
): HTMLElement[] {
  return moments.map((each) => {
    const isPage = each.kind === "load" || each.kind === "route";
    const time = make("span", "number", duration((each.at - start) / 1000));
    const text = make("span", "what", isPage ? address(each.text) : each.text);
    const tab = each.window === null ? null : name(each.window);
    const button = make("button", "seek", time, text);
    if (each.kind === "route") button.append(make("span", "tag", "route"));
    if (tab !== null) button.append(make("span", "tag", tab));
    button.type = "button";
    if (isPage) button.title = each.text;
    button.addEventListener("click", () => go(each));
    return make("li", "", button);
  });
}

/** What this replay does not show, with counts. */
export function unseenItems(lanes: readonly LoadedWindow[]): HTMLElement[] {
  const counts = new Map<Kind, number>();
  for (const { unseen } of lanes) {
    for (const [kind, count] of unseen.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  const items = [...counts].map(([kind, count]) => {
    const [one, many, instead] = UNSEEN[kind];
    return make("li", "", `${count} ${count === 1 ? one : many} not recorded: ${instead}.`);
  });
  const addresses = Math.max(0, ...lanes.map(({ unseen }) => unseen.addresses));
  if (addresses > 0) {
    const named = `${addresses}${addresses >= MOST_ADDRESSES ? " or more" : ""}`;
    const text = `Background pictures and fonts are not loaded. Addresses that style sheets name, in use or not: ${named}.`;
    items.push(make("li", "", text));
  }
  return items.length > 0 ? items : [make("li", "quiet", "Nothing is known that the page showed and the replay does not.")];
}
