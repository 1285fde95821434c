import { ApiError, explain, get } from "./api";
import { bindControls } from "./controls";
import { byId, status } from "./dom";
import { factRows, lossItems, removedItems } from "./facts";
import { counted, moment } from "./format";
import { offerLogout } from "./logout";
import { TOLD } from "./losses";
import { eventMoments, lostMoments, type Moment, momentItems, pageMoments, unseenItems } from "./moments";
import type { Recording } from "./recording";
import { Screen } from "./screen";
import { SessionPlayer } from "./session_player";
import { playable } from "./timeline";
import { type LoadedWindow, Windows } from "./windows";

declare global {
  interface Window {
    /** For scripts that look at what is played. `ready` gives null when nothing can be played. */
    reelstreamPlayer?: { replayer: SessionPlayer | null; ready: Promise<SessionPlayer | null> };
  }
}

/** A session whose last event is younger than this may go on. */
const MAYBE_LIVE_MS = 60_000;

function explained(error: unknown): void {
  if (error instanceof ApiError) {
    status(explain(error.status));
  } else {
    console.error(error);
    status("The recording broke off while loading. Reload to try again.");
  }
}

/** Makes the outcome of `work` known to the page and to scripts; what fails becomes a sentence. */
function present(work: Promise<SessionPlayer | null>): void {
  const ready = work.catch((error: unknown) => {
    explained(error);
    return null;
  });
  const handle = { replayer: null as SessionPlayer | null, ready };
  window.reelstreamPlayer = handle;
  void ready.then((player) => {
    handle.replayer = player;
  });
}

/** All windows, one after another. */
async function load(recording: Recording, windows: Windows): Promise<LoadedWindow[]> {
  const lanes: LoadedWindow[] = [];
  let before = 0;
  for (const { window_id } of recording.windows) {
    const told = (events: number) => status(`Loading: ${counted(before + events, "event")} so far.`);
    const lane = await windows.load(window_id, told);
    before += lane.events;
    lanes.push(lane);
  }
  return lanes;
}

function isLive(recording: Recording): boolean {
  return Date.now() - Date.parse(recording.ended_at) <= MAYBE_LIVE_MS;
}

function showFacts(recording: Recording): void {
  const name = recording.user || "anonymous";
  document.title = `${name} · ${moment(recording.started_at)} · Reelstream`;
  byId("title").textContent = `${name}, ${moment(recording.started_at)}`;
  byId("facts").replaceChildren(...factRows(recording));
  byId("removed").replaceChildren(...removedItems(recording.removed));
  byId("live").hidden = !isLive(recording);
  byId("about").hidden = false;
}

/** Lists of moments. Without a player (null) they are told, and lead nowhere. */
function showMoments(recording: Recording, lanes: LoadedWindow[], player: SessionPlayer | null): Moment[] {
  const [pages, events] = [pageMoments(recording, lanes), eventMoments(lanes)];
  const lost = lostMoments(lanes);
  const start = player?.start ?? pages[0]?.at ?? Date.parse(recording.started_at);
  const tabs = playable(lanes).map(({ id }) => id);
  const name = (window: string) => {
    if (!tabs.includes(window)) return "no picture";
    return tabs.length > 1 ? `tab ${tabs.indexOf(window) + 1}` : null;
  };
  const go = ({ at, window, kind }: Moment) => {
    if (player === null) return;
    if (window === null || !tabs.includes(window)) player.seek(at);
    else if (kind === "load" || kind === "route") player.open(window, at);
    else player.seek(at, window);
  };
  const fill = (id: string, moments: Moment[], others: HTMLElement[]) =>
    byId(id).replaceChildren(...momentItems(moments, start, name, go), ...others);
  fill("pages", pages, []);
  fill("moments", events, []);
  byId("moments-panel").hidden = events.length === 0;
  const told = new Set(lanes.flatMap(({ notes }) => notes.map(({ reason }) => TOLD + reason)));
  fill("losses", lost, lossItems(recording, lost.length, isLive(recording), told));
  byId("unseen").replaceChildren(...unseenItems(lanes));
  return [...pages, ...events, ...lost];
}

async function open(): Promise<SessionPlayer | null> {
  const session = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
  const response = await get(`/api/recordings/${encodeURIComponent(session)}`);
  const recording = (await response.json()) as Recording;
  showFacts(recording);
  const windows = new Windows(session);
  const lanes = await load(recording, windows);
  const shown = playable(lanes);
  if (shown.length === 0) {
    showMoments(recording, lanes, null);
    const held = counted(
      lanes.reduce((sum, { events }) => sum + events, 0),
      "event",
    );
    status(`This recording has no picture: no full snapshot of a page and one more event arrived; it holds ${held}.`);
    return null;
  }
  byId("controls").hidden = false;
  const screen = new Screen(byId("stage"));
  const player = new SessionPlayer(shown, windows, screen);
  player.on("error", explained);
  const names = new Map(shown.map(({ id }, index) => [id, `Tab ${index + 1}`]));
  const marks = showMoments(recording, lanes, player);
  fit(screen);
  addEventListener("resize", () => fit(screen));
  player.pause(0);
  bindControls(player, names, marks);
  status(null);
  return player;
}

/** Gives the picture the room that the window leaves it. */
function fit(screen: Screen): void {
  const stage = byId("stage");
  const room = window.innerHeight - stage.getBoundingClientRect().top - byId("controls").offsetHeight - 32;
  stage.style.height = `${Math.max(240, Math.min(Math.round(stage.clientWidth * 0.625), room))}px`;
  screen.fit();
}

offerLogout();
status("Loading the recording.");
present(open());
