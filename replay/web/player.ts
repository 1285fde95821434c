import { EventType, type eventWithTime } from "@rrweb/types";
import RrwebPlayer from "rrweb-player";
import { ApiError, explain, get, jsonLines } from "./api";
import { byId, make, status } from "./dom";
import { factRows, lossItems, pageItems } from "./facts";
import { counted, duration, moment } from "./format";
import { offerLogout } from "./logout";
import type { RecordedWindow, Recording } from "./recording";
import { Tamer } from "./tame";

type Replayer = ReturnType<RrwebPlayer["getReplayer"]>;
/** The player is a Svelte component; its own types need Svelte's to say so. */
type Resizable = { $set(size: { width: number; height: number }): void };

declare global {
  interface Window {
    /** For scripts that look at what is played. `ready` gives null when the window cannot be played. */
    reelstreamPlayer?: { replayer: Replayer | null; ready: Promise<Replayer | null> };
  }
}

/** rrweb-player's controls, below the picture. */
const CONTROLLER_HEIGHT = 80;
/** A session whose last event is younger than this may go on. */
const MAYBE_LIVE_MS = 60_000;

/** What is kept private is drawn hatched, else it would look like an empty part of the page. */
const PRIVATE_STYLE =
  ".rr-block { background: repeating-linear-gradient(45deg, #dfe3db 0 8px, #eceee8 8px 16px) !important; }";

let player: RrwebPlayer | null = null;
let firstEventAt = 0;
let loading = new AbortController();

function stageSize(): { width: number; height: number } {
  const width = Math.floor(byId("stage").clientWidth);
  const room = window.innerHeight - byId("stage").getBoundingClientRect().top - CONTROLLER_HEIGHT - 32;
  return { width, height: Math.max(240, Math.min(Math.round(width * 0.625), room)) };
}

function show(events: eventWithTime[]): Replayer {
  byId("stage").replaceChildren();
  firstEventAt = events[0]?.timestamp ?? 0;
  player = new RrwebPlayer({
    target: byId("stage"),
    props: {
      events,
      ...stageSize(),
      autoPlay: false,
      mouseTail: { strokeStyle: "#3f6b51" },
      insertStyleRules: [PRIVATE_STYLE],
    },
  });
  return player.getReplayer();
}

/** Events of one window: node ids of two windows collide, so they never share a player. */
async function loadEvents(session: string, windowId: string, signal: AbortSignal): Promise<eventWithTime[]> {
  const path = `/api/recordings/${encodeURIComponent(session)}/events?window=${encodeURIComponent(windowId)}`;
  const { body } = await get(path, signal);
  const events: eventWithTime[] = [];
  if (body === null) return events;
  const tamer = new Tamer();
  for await (const event of jsonLines<eventWithTime & { windowId?: string }>(body)) {
    delete event.windowId;
    const tamed = tamer.tame(event);
    if (tamed !== null) events.push(tamed);
    if (events.length % 500 === 0) status(`Loading: ${counted(events.length, "event")} so far.`);
  }
  return events;
}

async function play(session: string, windowId: string): Promise<Replayer | null> {
  loading.abort();
  loading = new AbortController();
  player = null;
  byId("stage").replaceChildren();
  status("Loading the recording.");
  const events = await loadEvents(session, windowId, loading.signal);
  if (events.length < 2 || !events.some((event) => event.type === EventType.FullSnapshot)) {
    const held = counted(events.length, "event");
    status(`This window cannot be played: a picture needs a full snapshot and one more event; it holds ${held}.`);
    return null;
  }
  const replayer = show(events);
  status(null);
  return replayer;
}

/** Makes the outcome of `work` known to the page and to scripts; what fails becomes a sentence. */
function present(work: Promise<Replayer | null>): void {
  const ready = work.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    if (error instanceof ApiError) {
      status(explain(error.status));
    } else {
      console.error(error);
      status("The recording broke off while loading. Reload to try again.");
    }
    return null;
  });
  const handle = { replayer: null as Replayer | null, ready };
  window.reelstreamPlayer = handle;
  void ready.then((replayer) => {
    handle.replayer = replayer;
  });
}

function offerWindows(session: string, windows: RecordedWindow[]): void {
  const select = byId("windows") as HTMLSelectElement;
  select.replaceChildren(
    ...windows.map(({ window_id, started_at, ended_at }, index) => {
      const seconds = (Date.parse(ended_at) - Date.parse(started_at)) / 1000;
      const option = make("option", "", `Window ${index + 1} of ${windows.length}, ${duration(seconds)}`);
      option.value = window_id;
      return option;
    }),
  );
  byId("window-choice").hidden = windows.length < 2;
  select.addEventListener("change", () => present(play(session, select.value)));
}

function seek(at: number): void {
  if (player === null) return;
  const { totalTime } = player.getMetaData();
  player.goto(Math.min(Math.max(at - firstEventAt, 0), totalTime), false);
}

function showFacts(recording: Recording): void {
  const name = recording.user || "anonymous";
  document.title = `${name} · ${moment(recording.started_at)} · Reelstream`;
  byId("title").textContent = `${name}, ${moment(recording.started_at)}`;
  byId("facts").replaceChildren(...factRows(recording));
  byId("losses").replaceChildren(...lossItems(recording));
  byId("pages").replaceChildren(...pageItems(recording, seek));
  byId("live").hidden = Date.now() - Date.parse(recording.ended_at) > MAYBE_LIVE_MS;
  byId("about").hidden = false;
}

async function open(): Promise<Replayer | null> {
  const session = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
  const response = await get(`/api/recordings/${encodeURIComponent(session)}`);
  const recording = (await response.json()) as Recording;
  showFacts(recording);
  const [first] = recording.windows;
  if (!recording.playable || first === undefined) {
    status("This recording cannot be played: no full snapshot of a page has arrived.");
    return null;
  }
  offerWindows(session, recording.windows);
  return play(session, first.window_id);
}

addEventListener("resize", () => {
  if (player === null) return;
  (player as unknown as Resizable).$set(stageSize());
  player.triggerResize();
});
offerLogout();
status("Loading the recording.");
present(open());
