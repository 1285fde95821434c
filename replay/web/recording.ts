/** What the replay service says of a recording. Times are RFC 3339, durations seconds, sizes bytes. */
export interface Recording {
  session_id: string;
  started_at: string;
  ended_at: string;
  duration: number;
  active: number;
  windows: RecordedWindow[];
  pages: { url: string; at: string }[];
  counts: Partial<Record<CountName, number>>;
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
