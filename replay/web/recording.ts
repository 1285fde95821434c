/** What the replay service says of a recording. Times are RFC 3339, durations seconds, sizes bytes. */
export interface Recording {
  session_id: string;
  started_at: string;
  ended_at: string;
  duration: number;
  active: number;
  windows: RecordedWindow[];
  pages: RecordedPage[];
  /** Null is not measured. */
  counts: Partial<Record<CountName, number | null>>;
  bytes_raw: number;
  bytes_stored: number;
  user: string | null;
  country: string;
  region: string;
  city: string;
  browser: string;
  os: string;
  device: string;
  bot: boolean;
  first_url: string;
  losses: Loss[];
  gaps: number;
  expires_on: string;
  playable: boolean;
  /** Whether times of the visitor's clock were put right. Null or absent, as with what follows: not known. */
  clock_corrected?: boolean | null;
  rage_clicks?: number | null;
  dead_clicks?: number | null;
  /** What privacy took out, by the rule that did it. */
  removed?: { rule: string; count: number }[] | null;
  /** What the recorder would have told if it had happened; null or absent: not known. */
  captures?: string[] | null;
}

export type CountName =
  | "events"
  | "clicks"
  | "keys"
  | "scrolls"
  | "inputs"
  | "errors"
  | "masked"
  | "blocked"
  | "dropped";

/** One tab of the session. */
export interface RecordedWindow {
  window_id: string;
  started_at: string;
  ended_at: string;
  playable?: boolean | null;
}

/** A page that was loaded, or a route within one. */
export interface RecordedPage {
  url: string;
  at: string;
  window_id?: string | null;
  kind?: "load" | "route";
}

/** What a stage did not keep; `payloads` is 0 when only some of their events were left out. */
export interface Loss {
  stage: string;
  reason: string;
  kind: string;
  payloads: number;
  events: number;
}

export interface RecordingPage {
  recordings: Recording[];
  next_cursor: string | null;
}
