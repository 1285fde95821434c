/** Why something of a page load is not in its recording. The server knows these words and ignores others. */
export type LossReason =
  | "snapshot_too_large"
  | "queue_full"
  | "refused"
  | "left_early"
  | "too_busy"
  | "document_lost"
  | "blocked"
  | "failed";

/** What the envelope says as `not_recorded`; `count` is how many things are missing, 1 or more. */
export interface Loss {
  readonly reason: LossReason;
  readonly count: number;
}
