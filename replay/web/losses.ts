import { counted } from "./format";
import type { Loss } from "./recording";

/** What each reason means to the person who watches. The codes are those of `schemas/reasons.py`. */
const WORDS: Readonly<Record<string, string>> = {
  bad_encoding: "could not be unpacked",
  inflate_limit: "larger than allowed once unpacked",
  bad_json: "not JSON",
  bad_shape: "JSON, but no list of events",
  bad_headers: "without the gateway's stamps",
  seq_conflict: "under a number that another payload has",
  seq_out_of_range: "under a number beyond the limit of a page",
  duplicate: "sent twice; the first copy is here",
  too_late: "arrived more than a day after the session began",
  bad_event: "not rrweb events",
  unknown_project: "of a project that is no longer configured",
  empty: "without a single usable event",
  sampled_out: "of a session outside the sample",
  not_selected: "of a session that the project's sampling rules leave out",
  held_overflow: "of a session that grew too large before the sampling rules could decide",
  opted_out: "of a visitor who does not want to be recorded",
  erased: "of an erased session or user",
  no_snapshot: "came before the first snapshot of their page",
  unknown_type: "of a kind this version does not know",
  unknown_node: "about parts of the page that were never recorded",
  blocked: "about parts of the page that are kept private",
  not_allowed: "not allowed by the privacy policy",
  ignored_input: "typed into fields that are kept private",
  repeated_input: "would have told how often a key was pressed in a masked field",
  malformed_event: "broken by rrweb's own rules",
  orphan_meta: "announced a snapshot that never came",
  node_limit: "of a page too large to protect; the picture resumes at the next snapshot",
  work_limit: "too costly to protect; the picture resumes at the next snapshot",
  degraded: "came while privacy state was lost; the picture resumes at the next snapshot",
  too_large: "too large to pass on",
  crashed: "stopped a worker repeatedly",
  expired_unread: "deleted by the broker before it was read",
  bad_part: "incomplete: a part was out of place",
  bad_row: "refused by the database",
  not_recorded_snapshot_too_large: "not recorded: the page was too large to be pictured",
  not_recorded_queue_full: "not recorded: too much waited to be sent",
  not_recorded_refused: "not recorded: the gateway refused it for good",
  not_recorded_left_early: "not recorded: the page was left before it could be sent",
  not_recorded_too_busy: "not recorded: the page changed too much at once",
  not_recorded_document_lost: "not recorded: the document was replaced and could not be followed",
  not_recorded_blocked: "not recorded: the page or an extension forbids the gateway",
  not_recorded_failed: "not recorded: the recorder itself failed",
};

/** Begins reasons that recorders tell themselves: nothing came that a stage could have left out. */
export const TOLD = "not_recorded_";

/** What was not recorded at a moment, by the recorder's word for it. */
export function notRecorded(reason: string): string {
  const words = WORDS[TOLD + reason];
  return words ? `N${words.slice(1)}.` : "Not recorded, for a reason this version does not know.";
}

/** One loss as a sentence, the counts first. */
export function sentence({ stage, reason, payloads, events }: Loss): string {
  if (reason.startsWith(TOLD)) return notRecorded(reason.slice(TOLD.length));
  const whole = payloads > 0 ? counted(payloads, "payload") : "";
  const single = events > 0 ? counted(events, "event") : "";
  const amount = whole && single ? `${whole} with ${single}` : whole || single || "Something";
  return `${amount} left out by ${stage}: ${WORDS[reason] ?? reason}.`;
}

/** What is missing because payloads never arrived, or null. */
export function gapSentence(gaps: number): string | null {
  if (gaps === 0) return null;
  return `${counted(gaps, "gap")}: the browser numbered payloads that never arrived, so the picture may jump.`;
}
