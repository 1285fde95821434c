import { byId, make } from "./dom";
import { duration } from "./format";
import type { Moment } from "./moments";
import type { SessionPlayer } from "./session_player";

/** A moment of the range input, ms. */
const STEP_MS = 100;

function option(value: string, text: string): HTMLOptionElement {
  const made = make("option", "", text);
  made.value = value;
  return made;
}

/** Binds the page's buttons to a player. `names` tells windows apart; `marks` are shown on the time line. */
export function bindControls(
  player: SessionPlayer,
  names: ReadonlyMap<string, string>,
  marks: readonly Moment[],
): void {
  const play = byId("play") as HTMLButtonElement;
  const time = byId("time") as HTMLInputElement;
  const { totalTime } = player.getMetaData();
  time.max = String(Math.max(STEP_MS, totalTime));
  time.step = String(STEP_MS);
  const show = () => {
    const offset = player.getCurrentTime();
    const text = `${duration(offset / 1000)} of ${duration(totalTime / 1000)}`;
    time.value = String(offset);
    time.setAttribute("aria-valuetext", text);
    byId("clock").textContent = `${duration(offset / 1000)} / ${duration(totalTime / 1000)}`;
    const tab = names.size > 1 ? (names.get(player.window ?? "") ?? "") : "";
    byId("now").textContent = tab && player.early ? `${tab}, not open yet: its first picture` : tab;
    play.textContent = player.playing ? "Pause" : "Play";
  };
  for (const name of ["start", "pause", "finish", "time"]) player.on(name, show);
  play.onclick = () => {
    if (player.playing) player.pause();
    else player.resume();
  };
  time.oninput = () => player.seek(player.start + Number(time.value));
  const speed = byId("speed") as HTMLSelectElement;
  speed.onchange = () => player.setConfig({ speed: Number(speed.value) });
  const skip = byId("skip") as HTMLInputElement;
  skip.onchange = () => player.setConfig({ skipInactive: skip.checked });
  const windows = byId("windows") as HTMLSelectElement;
  windows.replaceChildren(option("", "the active tab"), ...[...names].map(([id, name]) => option(id, `${name} only`)));
  windows.onchange = () => player.pin(windows.value || null);
  byId("window-choice").hidden = names.size < 2;
  player.on("time", () => {
    windows.value = player.pinned ?? "";
  });
  byId("marks").replaceChildren(...bands(player, names), ...marks.map((each) => tick(player, each)));
  show();
}

function place(player: SessionPlayer, at: number): number {
  return Math.min(100, Math.max(0, ((at - player.start) / Math.max(1, player.end - player.start)) * 100));
}

/** Which tab is looked at, and when nobody did anything. */
function bands(player: SessionPlayer, names: ReadonlyMap<string, string>): HTMLElement[] {
  const order = [...names.keys()];
  const tabs = player.spans.map(({ from, window }, index) => {
    const until = player.spans[index + 1]?.from ?? player.end;
    const tab = order.indexOf(window) % 4;
    return band(player, from, until, `tab tab-${tab}`, names.get(window) ?? "");
  });
  const quiet = player.idle.map(([from, to]) => band(player, from, to, "idle", "Nobody did anything"));
  return [...(names.size > 1 ? tabs : []), ...quiet];
}

function band(player: SessionPlayer, from: number, to: number, kind: string, title: string): HTMLElement {
  const made = make("span", `band ${kind}`);
  made.style.left = `${place(player, from)}%`;
  made.style.width = `${place(player, to) - place(player, from)}%`;
  made.title = title;
  return made;
}

function tick(player: SessionPlayer, { at, kind, text }: Moment): HTMLElement {
  const made = make("span", `tick ${kind}`);
  made.style.left = `${place(player, at)}%`;
  made.title = text;
  return made;
}
