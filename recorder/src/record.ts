/**
 * The browser script. `<script src="…/record.js" data-key="…">` starts by itself; without `data-key`, the page
 * calls `reelstream.start({ key: "…" })`.
 */
import { EventType, type eventWithTime } from "@rrweb/types";
import { record } from "@rrweb/record";
import { answerParent } from "./children";
import type { Report } from "./check";
import { Choice } from "./choice";
import { type Answer, askForConfig, CAUTIOUS, type Config, type ConfigSource, forgetConfig, keptConfig } from "./config";
import { endpointOf } from "./endpoint";
import { tellErrors } from "./errors";
import { ForeignSheets } from "./foreign";
import { coverFrames, isCovered, sharesTop, unlessCovered, whenCovered } from "./framed";
import { loadMore } from "./more_loader";
import { openOutlet } from "./outlet";
import { planOf, type Wish, wishesOf } from "./plan";
import { Recorder, type RecorderOptions, type RrwebOptions } from "./recorder";
import { followDocument } from "./replaced";
import { tellRoutes } from "./routes";
import type { Outlet } from "./sender";
import { forgetSession, SessionClock } from "./session";
import { tolerant } from "./storage";
import { Surroundings } from "./surroundings";
import { FIRED, Trigger } from "./trigger";
import { deleteUnsent } from "./unsent";
import { Waiting } from "./waiting";
import { WindowId } from "./window";

export interface StartOptions {
  /** The project's write key. */
  key: string;
  /** Where the gateway is; by default the folder this script came from, `https://…/rs` for `https://…/rs/record.js`. */
  endpoint?: string;
  /** 0…100, by default what the project says. The server decides by the same rule and has the last word. */
  samplePercent?: number;
  /** How long events wait to be sent together, in ms. */
  flushMs?: number;
  /** What has to happen before anything is sent: `error`, patterns of addresses, or nothing but `trigger()`. */
  trigger?: string;
  /** False: what a page cannot send before it is left does not lie in the browser until the next page. */
  keepUnsent?: boolean;
  /** Options of rrweb's `record`, over our defaults; `maskInputOptions` replaces ours whole, passwords included. */
  rrweb?: RrwebOptions;
  /** What to capture beside the page, as far as the project allows it. */
  capture?: readonly Wish[];
  /** False: style sheets of other hosts are not fetched, and are missing in the recording. */
  styleSheets?: boolean;
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
  /** Says in plain words whether this page is being recorded, and if not, why; in the console too. */
  check(): Promise<Report>;
  /** Fires the trigger that `start` was told to wait for. */
  trigger(): void;
}

declare global {
  interface Window {
    reelstream?: Reelstream;
  }
}

const SWITCHED_OFF = "recording is switched off for the project";
const NOT_SAMPLED = "this session is not one of those that are recorded";
/** A user's name is a key of the site's, not a document. */
const USER_MAX = 256;

function install(script: HTMLScriptElement | null): Reelstream {
  const source = script?.src ?? "";
  let windowId: WindowId | null = null;
  let recorder: Recorder | null = null;
  let outlet: Outlet | null = null;
  let waiting: Waiting | null = null;
  let config: Config | null = null;
  /** Answers of the gateway that were asked for earlier are not waited for. */
  let asked = 0;
  let ended: string | null = null;
  let captures: (() => void)[] = [];
  /** Ends what is told of the page beside its document. */
  let beside: (() => void)[] = [];
  let listening = new AbortController();
  /** Between pagehide and a return. */
  let left = false;
  const stopCaptures = (): void => {
    for (const stop of captures) stop();
    captures = [];
  };
  const stopBeside = (): void => {
    for (const stop of beside) stop();
    beside = [];
  };
  let wanted: StartOptions | null = null;
  let user: string | null = null;
  const shared = tolerant(() => localStorage);

  const choice = new Choice(shared, () => {
    if (choice.refusal === null) {
      if (wanted) start(wanted);
      return;
    }
    end();
    shared.remove(FIRED);
    forgetSession(shared);
    forgetConfig(tolerant(() => sessionStorage));
    windowId?.resume();
    windowId = null;
    deleteUnsent();
  });

  const end = (reason?: string): void => {
    asked++;
    ended = reason ?? null;
    stopCaptures();
    stopBeside();
    recorder?.end();
    waiting?.discard();
    waiting = outlet = null;
    if (reason !== undefined) console.info(`[reelstream] not recording: ${reason}`);
  };

  const endpointFor = (options: StartOptions): string => endpointOf(options.endpoint, source, location.href);
  /** Where the second file is: beside this one, else at the gateway. */
  const folder = (): string => `${endpointOf(undefined, source, wanted ? endpointFor(wanted) : location.href)}/`;
  const sourceOf = (options: StartOptions): ConfigSource => ({
    endpoint: endpointFor(options),
    key: options.key,
    fetch: window.fetch.bind(window),
    storage: tolerant(() => sessionStorage),
  });

  /** How to record, and what the server is told of it. */
  const planFor = (options: StartOptions, strict: boolean): RecorderOptions => {
    const known = config ?? CAUTIOUS;
    const captures = ["errors", "routes", "visibility", ...captured(options)].sort();
    return { ...planOf(options, known, strict), captures };
  };
  const captured = (options: StartOptions): ("console" | "network")[] =>
    (["console", "network"] as const).filter((each) => options.capture?.includes(each) && config?.capture[each]);

  const start = (options: StartOptions): void => {
    if (recorder?.session) return;
    wanted = options;
    unlessCovered(() => {
      if (wanted === options) startUncovered(options);
    });
  };

  const startUncovered = (options: StartOptions): void => {
    if (recorder?.session) return;
    const project = sourceOf(options);
    if (choice.dependsOnProject) config ??= keptConfig(project, Date.now());
    if (config !== null) choice.honourGpc(config.gpc);
    // That may have started it.
    if (recorder?.session) return;
    const refusal = config?.recording === false ? SWITCHED_OFF : choice.refusal;
    if (refusal === null) run(options);
    else console.info(`[reelstream] not recording: ${refusal}`);
    if (config === null && choice.dependsOnProject) {
      const mine = ++asked;
      void askForConfig(project, Date.now).then((answer) => {
        if (mine === asked) learn(options, answer);
      });
    }
  };

  /** Goes on by the gateway's word, or without it. */
  const learn = (options: StartOptions, answer: Answer): void => {
    if (answer.kind === "refused") return end(`the gateway answered ${answer.status} for this key and origin`);
    if (answer.kind === "config") {
      config = answer.config;
      choice.honourGpc(config.gpc);
      if (!config.recording) return end(SWITCHED_OFF);
      if (choice.refusal !== null) return forgetConfig(tolerant(() => sessionStorage));
      if (!recorder?.session && wanted) return start(options);
    }
    // Stopped meanwhile: what was recorded until then may go.
    if (!recorder?.session) return answer.kind === "config" ? waiting?.open() : undefined;
    const strict = answer.kind === "unreachable";
    // What waits was recorded before anybody knew how.
    if (strict) waiting?.forget();
    if (recorder.configure(planFor(options, strict), strict)) released(options);
    else end(NOT_SAMPLED);
  };

  /** What is recorded may be sent, and it is known what may be captured beside it. */
  const released = (options: StartOptions): void => {
    waiting?.open();
    const started = recorder;
    const wanted = captured(options);
    if (wanted.length === 0 || started === null) return;
    void loadMore(folder()).then((more) => {
      if (more === null || started !== recorder || started.session === null) return;
      const tell = (event: eventWithTime): void => started.tell(event);
      stopCaptures();
      if (wanted.includes("console")) captures.push(more.captureConsole(tell));
      if (wanted.includes("network")) captures.push(more.captureNetwork(endpointFor(options), tell));
    });
  };

  const run = (options: StartOptions): void => {
    windowId ??= new WindowId(tolerant(() => sessionStorage), sharesTop());
    outlet = openOutlet({
      endpoint: endpointFor(options),
      key: options.key,
      window: windowId.value,
      fetch: window.fetch.bind(window),
      keep: options.keepUnsent ?? true,
      trigger: options.trigger,
      storage: shared,
      onStop: (reason) => {
        console.warn(`[reelstream] recording stopped: ${reason}`);
        ended = reason;
        stopCaptures();
        stopBeside();
        started.end();
      },
      onSnapshotNeeded: () => started.takeFullSnapshot(),
    });
    outlet.listen?.(listening.signal);
    waiting = new Waiting(outlet, () => started.takeFullSnapshot());
    const plan = planFor(options, false);
    const started = new Recorder(record, new SessionClock(shared), waiting, plan, user, (tell) => {
      const sheets = new ForeignSheets(() => {
        void loadMore(folder()).then((more) => {
          const { watch } = config ?? CAUTIOUS;
          sheets.use(more && new more.Sheets(record.mirror, window.fetch.bind(window), tell, watch.join(",")));
        });
      });
      return new Surroundings(record.mirror, tell, options.styleSheets === false ? [] : [sheets]);
    });
    recorder = started;
    tellBeside(started);
    started.start();
    if (started.session === null) end(NOT_SAMPLED);
    else if (config !== null) released(options);
  };

  const tellBeside = (started: Recorder): void => {
    stopBeside();
    const custom = (tag: string, payload: unknown): void =>
      started.tell({ type: EventType.Custom, timestamp: 0, data: { tag, payload } });
    const visible = new AbortController();
    beside = [
      // Before rrweb's observers: what they saw of another document belongs to the page load that begins then.
      followDocument(() => {
        listen();
        tellBeside(started);
        started.renew();
      }),
      tellRoutes((href) => custom("reelstream.route", { href })),
      tellErrors((payload) =>
        started.tell({ type: EventType.Plugin, timestamp: 0, data: { plugin: "rrweb/console@1", payload } }),
      ),
      () => visible.abort(),
    ];
    document.addEventListener(
      "visibilitychange",
      () => {
        if (!left) custom("reelstream.visibility", { visible: document.visibilityState === "visible" });
      },
      { signal: visible.signal },
    );
  };

  const stop = (): void => {
    wanted = null;
    stopCaptures();
    stopBeside();
    recorder?.stop();
  };

  /** Again for each document: `document.open` takes listeners away. */
  const listen = (): void => {
    listening.abort();
    listening = new AbortController();
    const { signal } = listening;
    answerParent(() => recorder?.takeFullSnapshot(), signal);
    whenCovered(stop, signal);
    choice.listen(signal);
    outlet?.listen?.(signal);
    addEventListener(
      "pagehide",
      () => {
        left = true;
        windowId?.leave();
        recorder?.hide(true);
      },
      { signal },
    );
    addEventListener(
      "pageshow",
      ({ persisted }) => {
        left = false;
        if (!persisted) return;
        windowId?.resume();
        recorder?.renew();
      },
      { signal },
    );
    // In the bubbling phase at the window: what was told of it at the document goes along.
    addEventListener(
      "visibilitychange",
      () => {
        if (!left && document.visibilityState === "hidden") recorder?.hide();
      },
      { signal },
    );
  };
  listen();
  if (!isCovered()) coverFrames();

  return {
    start,
    stop,
    identify: (next) => {
      user = next === null ? null : next.slice(0, USER_MAX);
      recorder?.identify(user);
    },
    sessionId: () => recorder?.session ?? null,
    optOut: () => choice.opt(true),
    optIn: () => choice.opt(false),
    consent: (given) => (given === "awaited" ? choice.awaitConsent() : choice.consent(given)),
    check: async () => {
      const more = await loadMore(folder());
      if (more === null) throw new Error("record-more.js cannot be loaded from beside record.js");
      const options = wanted;
      const report = await more.checkPage({
        key: options?.key ?? null,
        endpoint: options && endpointFor(options),
        session: recorder?.session ?? null,
        refusal: choice.refusal,
        ended,
        ask: () => (options ? askForConfig(sourceOf(options), Date.now) : Promise.resolve({ kind: "unreachable" })),
      });
      console.info(`[reelstream] ${report.sentences.join("\n")}`);
      return report;
    },
    trigger: () => {
      if (outlet instanceof Trigger) outlet.fire();
    },
  };
}

function startFrom(script: HTMLScriptElement, reelstream: Reelstream): void {
  const { key, endpoint, sample, consent, keep, trigger, capture, sheets } = script.dataset;
  if (consent === "required") reelstream.consent("awaited");
  if (!key) return;
  const options: StartOptions = { key };
  if (endpoint) options.endpoint = endpoint;
  if (sample) options.samplePercent = Number(sample);
  if (trigger !== undefined) options.trigger = trigger;
  if (sheets === "off") options.styleSheets = false;
  if (capture) options.capture = wishesOf(capture);
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
