import { ApiError, explain, get } from "./api";
import { byId, make, status } from "./dom";
import { address, ago, client, counted, duration, moment, place } from "./format";
import { offerLogout } from "./logout";
import type { Recording, RecordingPage } from "./recording";

const PAGE_SIZE = 50;
/** A session is queryable within seconds; asking more often would show nothing sooner. */
const REFRESH_MS = 4_000;

const shown = new Map<string, Recording>();
let olderCursor: string | null = null;
let loadedOlder = false;
let drawn = "";

function badges(recording: Recording): HTMLElement {
  const cell = make("td", "badges");
  const add = (text: string, kind: string) => cell.append(make("span", `badge ${kind}`, text));
  const errors = recording.counts.errors ?? 0;
  const dead = recording.losses.some((loss) => loss.kind !== "drop");
  if (!recording.playable) add("not playable", "bad");
  if (recording.bot) add("bot", "plain");
  if (errors > 0) add(counted(errors, "error"), "bad");
  if (recording.gaps > 0) add(counted(recording.gaps, "gap"), "warn");
  if (dead) add("data lost", "bad");
  if (recording.windows.length > 1) add(`${recording.windows.length} windows`, "plain");
  return cell;
}

function firstPage({ first_url, pages }: Recording): HTMLElement {
  const more = pages.length > 1 ? `and ${counted(pages.length - 1, "more page")}` : "";
  const cell = make("td", "page", address(first_url), make("small", "", more));
  cell.title = first_url;
  return cell;
}

function row(recording: Recording, now: number): HTMLElement {
  const link = make("a", "open", moment(recording.started_at));
  link.href = `/recordings/${encodeURIComponent(recording.session_id)}`;
  const { clicks, keys, scrolls } = recording.counts;
  const measured: [number | null | undefined, string][] = [
    [clicks, "click"],
    [keys, "key"],
    [scrolls, "scroll"],
  ];
  // What was not measured is not shown as none.
  const activity = measured.flatMap(([count, noun]) => (typeof count === "number" ? [counted(count, noun)] : [])).join(" · ");
  return make(
    "tr",
    "",
    make("td", "", link, make("small", "", ago(recording.started_at, now))),
    make(
      "td",
      "number",
      duration(recording.duration),
      make("small", "", `${duration(recording.active)} active`),
    ),
    firstPage(recording),
    make("td", "", recording.user || "anonymous", make("small", "", place(recording))),
    make("td", "", client(recording), make("small", "", activity)),
    badges(recording),
  );
}

function draw(): void {
  const recordings = [...shown.values()].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
  const now = Date.now();
  // Rows are redrawn when something changed, the minutes in "ago" included: redrawing takes the keyboard's focus.
  const state = JSON.stringify([recordings, Math.floor(now / 60_000)]);
  if (state !== drawn) byId("rows").replaceChildren(...recordings.map((recording) => row(recording, now)));
  drawn = state;
  byId("table").hidden = recordings.length === 0;
  byId("empty").hidden = recordings.length > 0;
  byId("older").hidden = olderCursor === null;
}

async function load(cursor: string | null): Promise<RecordingPage> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (cursor !== null) query.set("cursor", cursor);
  return (await (await get(`/api/recordings?${query}`)).json()) as RecordingPage;
}

async function refresh(): Promise<void> {
  const page = await load(null);
  // Rows of the newest page that are gone were erased or have expired; older pages keep what they showed.
  if (!loadedOlder) {
    shown.clear();
    olderCursor = page.next_cursor;
  }
  for (const recording of page.recordings) shown.set(recording.session_id, recording);
  draw();
}

async function showOlder(): Promise<void> {
  const page = await load(olderCursor);
  loadedOlder = true;
  olderCursor = page.next_cursor;
  for (const recording of page.recordings) shown.set(recording.session_id, recording);
  draw();
}

async function report(work: Promise<void>): Promise<void> {
  try {
    await work;
    status(null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    status(explain(error.status));
  }
}

async function keepFresh(): Promise<never> {
  for (;;) {
    if (document.visibilityState === "visible") await report(refresh());
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

byId("older").addEventListener("click", () => void report(showOlder()));
offerLogout();
void keepFresh();
