import { make } from "./dom";
import { bytes, client, counted, duration, moment, place } from "./format";
import { gapSentence, sentence } from "./losses";
import type { Recording } from "./recording";

export const UNMEASURED = "not measured";

function number(count: number | null | undefined, noun: string): string {
  return count === null || count === undefined ? `${noun}s ${UNMEASURED}` : counted(count, noun);
}

function captured(captures: string[] | null | undefined): string {
  // A recorder that tells captures something.
  return captures?.join(", ") || "not told by this recorder";
}

/** The facts of a recording as a definition list's children. */
export function factRows(recording: Recording): HTMLElement[] {
  const { counts } = recording;
  const privacy = (["masked", "blocked", "dropped"] as const).map((name) => `${counts[name] ?? UNMEASURED} ${name}`);
  const facts: [string, string][] = [
    ["User", recording.user || "anonymous"],
    ["Started", moment(recording.started_at)],
    ["Duration", `${duration(recording.duration)}, ${duration(recording.active)} active`],
    ...(recording.clock_corrected
      ? [["Clock", "The visitor's clock jumped; times are corrected by the server's."] as [string, string]]
      : []),
    ["From", place(recording)],
    ["With", client(recording) + (recording.bot ? " · bot" : "")],
    ["Events", number(counts.events, "event")],
    [
      "Activity",
      [
        number(counts.clicks, "click"),
        number(counts.keys, "key"),
        number(counts.scrolls, "scroll"),
        number(counts.inputs, "input"),
      ].join(" · "),
    ],
    ["Errors", counts.errors === null || counts.errors === undefined ? UNMEASURED : counted(counts.errors, "error")],
    ["Rage clicks", String(recording.rage_clicks ?? UNMEASURED)],
    ["Dead clicks", String(recording.dead_clicks ?? UNMEASURED)],
    ["Captured", captured(recording.captures)],
    ["Privacy", privacy.join(" · ")],
    ["Size", `${bytes(recording.bytes_raw)} received, ${bytes(recording.bytes_stored)} stored`],
    ["Kept until", recording.expires_on],
    ["Session", recording.session_id],
  ];
  return facts.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]);
}

/**
 * Every loss and gap as a list item, but those that are told in their place: `others` items, for `told` reasons. Without
 * one it is said that none is known, which is all that can be known.
 */
export function lossItems(
  recording: Recording,
  others: number,
  live: boolean,
  told: ReadonlySet<string> = new Set(),
): HTMLElement[] {
  const gaps = gapSentence(recording.gaps);
  const losses = recording.losses.filter(({ reason }) => !told.has(reason));
  const sentences = [...(gaps ? [gaps] : []), ...losses.map(sentence)];
  const items = sentences.map((text) => make("li", "", text));
  if (live) items.push(make("li", "quiet", "The session may still be going on: what is missing is not known yet."));
  else if (items.length + others === 0) {
    const known = "Nothing is known to be missing. What a page could not send when it was left may not be known.";
    items.push(make("li", "quiet", known));
  }
  return items;
}

/** What privacy took out, by rule. */
export function removedItems(removed: Recording["removed"]): HTMLElement[] {
  if (removed === null || removed === undefined) return [make("li", "quiet", `By rule: ${UNMEASURED}.`)];
  if (removed.length === 0) return [make("li", "quiet", "No rule took anything out.")];
  return removed.map(({ rule, count }) => make("li", "", make("code", "", rule), ` ${counted(count, "time")}`));
}
