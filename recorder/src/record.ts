/**
 * The browser script. `<script src="…/record.js" data-key="…">` starts by itself; without `data-key`, the page
 * calls `reelstream.start({ key: "…" })`.
 */
import { record } from "rrweb";
import { Choice } from "./choice";
import { endpointOf } from "./endpoint";
import { openOutlet } from "./outlet";
import { Recorder, type RrwebOptions } from "./recorder";
import type { Outlet } from "./sender";
import { forgetSession, SessionClock } from "./session";
import { tolerant } from "./storage";
import { FIRED, Trigger } from "./trigger";
import { deleteUnsent } from "./unsent";
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
  /** What has to happen before anything is sent: `error`, patterns of addresses, or nothing but `trigger()`. */
  trigger?: string;
  /** False: what a page cannot send before it is left does not lie in the browser until the next page. */
  keepUnsent?: boolean;
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
  /** The person wants no recording, in any tab and from now on: nothing is sent, what waits and is stored is deleted. */
  optOut(): void;
  /** Takes `optOut` back. */
  optIn(): void;
  /**
   * Says whether there is consent: without it nothing is recorded, stored or sent. `"awaited"`: it is needed, and will
   * be given or denied.
   */
  consent(given: boolean | "awaited"): void;
  /** Fires the trigger that `start` was told to wait for. */
  trigger(): void;
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
  let outlet: Outlet | null = null;
  let wanted: StartOptions | null = null;
  let user: string | null = null;
  const shared = tolerant(() => localStorage);

  const choice = new Choice(shared, () => {
    if (choice.refusal === null) {
      if (wanted) start(wanted);
      return;
    }
    recorder?.end();
    outlet?.discard();
    outlet = null;
    shared.remove(FIRED);
    forgetSession(shared);
    windowId?.resume();
    windowId = null;
    deleteUnsent();
  });

  const start = (options: StartOptions): void => {
    if (recorder?.session) return;
    wanted = options;
    if (choice.refusal !== null) {
      console.info(`[reelstream] not recording: ${choice.refusal}`);
      return;
    }
    windowId ??= new WindowId(tolerant(() => sessionStorage));
    outlet = openOutlet({
      endpoint: endpointOf(options.endpoint, source, location.href),
      key: options.key,
      window: windowId.value,
      fetch: window.fetch.bind(window),
      keep: options.keepUnsent ?? true,
      trigger: options.trigger,
      storage: shared,
      onStop: (reason) => {
        console.warn(`[reelstream] recording stopped: ${reason}`);
        started.end();
      },
      onSnapshotNeeded: () => started.takeFullSnapshot(),
    });
    const started = new Recorder(
      record,
      new SessionClock(shared),
      outlet,
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
    recorder?.hide(true);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) windowId?.resume();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") recorder?.hide();
  });

  return {
    start,
    stop: () => {
      wanted = null;
      recorder?.stop();
    },
    identify: (next) => {
      user = next === null ? null : next.slice(0, USER_MAX);
      recorder?.identify(user);
    },
    sessionId: () => recorder?.session ?? null,
    optOut: () => choice.opt(true),
    optIn: () => choice.opt(false),
    consent: (given) => (given === "awaited" ? choice.awaitConsent() : choice.consent(given)),
    trigger: () => {
      if (outlet instanceof Trigger) outlet.fire();
    },
  };
}

function startFrom(script: HTMLScriptElement, reelstream: Reelstream): void {
  const { key, endpoint, sample, consent, keep, trigger } = script.dataset;
  if (consent === "required") reelstream.consent("awaited");
  if (!key) return;
  const options: StartOptions = { key };
  if (endpoint) options.endpoint = endpoint;
  if (sample) options.samplePercent = Number(sample);
  if (trigger !== undefined) options.trigger = trigger;
  if (keep === "off") options.keepUnsent = false;
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
