import type { KeyValue } from "./storage";

/** What the gateway tells of the project: `schemas/recorder_config.py` says what each field means. */
export interface Config {
  readonly watch: readonly string[];
  readonly gpc: boolean;
  readonly samplePercent: number;
  readonly maskInputs: boolean;
  readonly capture: Capture;
  readonly recording: boolean;
}

export interface Capture {
  readonly console: boolean;
  readonly network: boolean;
  readonly canvas: boolean;
  readonly pictures: boolean;
}

/** A refusal is the gateway's word that nothing may be recorded; anything else may pass. */
export type Answer =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "unreachable" };

/** In force until the gateway's word comes, and if it does not: no input leaves the page, and GPC ends recording. */
export const CAUTIOUS: Config = {
  watch: [".rr-block", ".rr-ignore", ".rr-mask"],
  gpc: true,
  samplePercent: 100,
  maskInputs: true,
  capture: { console: false, network: false, canvas: false, pictures: false },
  recording: true,
};

const STORAGE_KEY = "reelstream.config";
/** As long as the gateway lets caches keep it. */
export const LIFETIME_MS = 60_000;
/** Our choice: a slow uplink answers within it, and a page that nobody answers is recorded all the same. */
export const WAIT_MS = 5_000;
/** More than a policy can name: 64 selectors of 128 characters, escaped. */
const MOST_CHARACTERS = 64 * 1024;

export interface ConfigSource {
  readonly endpoint: string;
  readonly key: string;
  readonly fetch: typeof fetch;
  readonly storage: KeyValue;
}

/** The configuration another page of this tab was given within the last minute, or null. `now` is epoch ms. */
export function keptConfig({ endpoint, key, storage }: ConfigSource, now: number): Config | null {
  try {
    const kept = JSON.parse(storage.get(STORAGE_KEY) ?? "null") as { at?: unknown; of?: unknown; text?: unknown } | null;
    if (kept === null || kept.of !== address(endpoint, key) || typeof kept.at !== "number") return null;
    // A clock set back must not keep it for ever.
    if (Math.abs(now - kept.at) >= LIFETIME_MS || typeof kept.text !== "string") return null;
    return parseConfig(kept.text);
  } catch {
    return null;
  }
}

/** Asks the gateway, WAIT_MS at most. Never rejects. */
export async function askForConfig(source: ConfigSource, now: () => number): Promise<Answer> {
  const { endpoint, key, fetch, storage } = source;
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), WAIT_MS);
  try {
    const response = await fetch(address(endpoint, key), {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: aborter.signal,
    });
    if (response.status === 401 || response.status === 403) {
      storage.remove(STORAGE_KEY);
      return { kind: "refused", status: response.status };
    }
    // A gateway of a version before this route, or one in trouble.
    if (response.status !== 200) return { kind: "unreachable" };
    const text = await response.text();
    const config = text.length > MOST_CHARACTERS ? null : parseConfig(text);
    if (config === null) return { kind: "unreachable" };
    storage.set(STORAGE_KEY, JSON.stringify({ at: now(), of: address(endpoint, key), text }));
    return { kind: "config", config };
  } catch {
    return { kind: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

/** What a text says, or null if it is no configuration. Fields that a later gateway adds are passed over. */
export function parseConfig(text: string): Config | null {
  const told = record(JSON.parse(text));
  const capture = record(told?.capture);
  if (told === null || capture === null) return null;
  const { watch, sample_percent: percent } = told;
  if (!Array.isArray(watch) || !watch.every((each) => typeof each === "string") || typeof percent !== "number") return null;
  return {
    watch: watch as string[],
    // What cannot be read counts as the cautious answer.
    gpc: told.gpc !== false,
    samplePercent: percent,
    maskInputs: told.mask_inputs !== false,
    capture: {
      console: capture.console === true,
      network: capture.network === true,
      canvas: capture.canvas === true,
      pictures: capture.pictures === true,
    },
    recording: told.recording !== false,
  };
}

function address(endpoint: string, key: string): string {
  return `${endpoint}/v1/config/${encodeURIComponent(key)}`;
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}
