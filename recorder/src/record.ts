/**
 * The browser script. `<script src="…/record.js" data-key="…">` starts by itself; without `data-key`, the page
 * calls `reelstream.start({ key: "…" })`.
 */
import { record } from "rrweb";
import { endpointOf } from "./endpoint";
import { Recorder, type RrwebOptions } from "./recorder";
import { Sender } from "./sender";
import { SessionClock } from "./session";
import { tolerant } from "./storage";
import { WindowId } from "./window";

export interface StartOptions {
  /** The project's write key. */
  key: string;
  /** Where the gateway is; by default the folder this script came from, `https://…/rs` for `https://…/rs/record.js`. */
  endpoint?: string;
  /** 0…100, by default all. The server decides by the same rule and has the last word. */
  samplePercent?: number;
  /** How long events wait to be sent together, in ms. */
  flushMs?: number;
  /** Options of rrweb's `record`, over our defaults; `maskInputOptions` replaces ours whole, passwords included. */
  rrweb?: RrwebOptions;
}

export interface Reelstream {
  /** Starts recording; does nothing when already recording. */
  start(options: StartOptions): void;
  /** Stops recording; what was recorded is still sent. */
  stop(): void;
  /** Says who the user is, in the site's own terms; null takes it back. */
  identify(user: string | null): void;
  /** The session being recorded, or null. */
  sessionId(): string | null;
}

declare global {
  interface Window {
    reelstream?: Reelstream;
  }
}

/** How long events wait by default: short enough to watch a session while it happens. */
const FLUSH_MS = 1_000;
/** A user's name is a key of the site's, not a document. */
const USER_MAX = 256;

function install(script: HTMLScriptElement | null): Reelstream {
  const source = script?.src ?? "";
  let windowId: WindowId | null = null;
  let recorder: Recorder | null = null;
  let user: string | null = null;

  const start = (options: StartOptions): void => {
    if (recorder?.session) return;
    windowId ??= new WindowId(tolerant(() => sessionStorage));
    const sender = new Sender({
      endpoint: endpointOf(options.endpoint, source, location.href),
      key: options.key,
      window: windowId.value,
      fetch: window.fetch.bind(window),
      onStop: (reason) => {
        console.warn(`[reelstream] recording stopped: ${reason}`);
        started.end();
      },
      onSnapshotNeeded: () => started.takeFullSnapshot(),
    });
    const started = new Recorder(
      record,
      new SessionClock(tolerant(() => localStorage)),
      sender,
      {
        samplePercent: options.samplePercent ?? 100,
        flushMs: options.flushMs ?? FLUSH_MS,
        rrweb: options.rrweb ?? {},
      },
      user,
    );
    recorder = started;
    started.start();
  };

  addEventListener("pagehide", () => {
    windowId?.leave();
    recorder?.hide();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) windowId?.resume();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") recorder?.hide();
  });

  return {
    start,
    stop: () => recorder?.stop(),
    identify: (next) => {
      user = next === null ? null : next.slice(0, USER_MAX);
      recorder?.identify(user);
    },
    sessionId: () => recorder?.session ?? null,
  };
}

function startFrom(script: HTMLScriptElement, reelstream: Reelstream): void {
  const { key, endpoint, sample } = script.dataset;
  if (!key) return;
  const options: StartOptions = { key };
  if (endpoint) options.endpoint = endpoint;
  if (sample) options.samplePercent = Number(sample);
  // A page rendered ahead of a click may never be seen: it is recorded once it is.
  if ((document as Document & { prerendering?: boolean }).prerendering) {
    document.addEventListener("prerenderingchange", () => reelstream.start(options), { once: true });
  } else {
    reelstream.start(options);
  }
}

if (window.reelstream === undefined) {
  const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
  window.reelstream = install(script);
  if (script !== null) startFrom(script, window.reelstream);
}
