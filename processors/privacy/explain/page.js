"use strict";
// Two players that always show the same time, and the table of findings, whose lines lead to their time.
(() => {
  const PRIVATE =
    ".rr-block { background: repeating-linear-gradient(45deg, #dfe3db 0 8px, #eceee8 8px 16px) !important; }";
  // Names at the end of a path that tell where a node is; all of it is in the tooltip.
  const LAST_NAMES = 3;
  // The rule alone, by which lines are chosen, comes after what the table shows.
  const RULE = 7;
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  const rows = read("rows");
  const counts = read("counts");
  const players = ["before", "after"].map(open).filter((player) => player !== null);
  const total = Math.max(0, ...players.map((player) => player.getMetaData().totalTime));
  const time = byId("time");
  let playing = false;

  function open(id) {
    const stage = byId(`${id}-picture`);
    const events = read(id);
    if (events.length < 2 || !events.some((event) => event.type === 2)) {
      stage.append(make("p", "Nothing to show: without a full snapshot there is no picture."));
      return null;
    }
    let player;
    try {
      player = new rrweb.Replayer(events, { root: stage, mouseTail: false, showWarning: false, insertStyleRules: [PRIVATE] });
    } catch {
      stage.replaceChildren(make("p", "Nothing to show: the player cannot read this recording."));
      return null;
    }
    player.on("resize", (size) => {
      const scale = stage.clientWidth / size.width;
      player.wrapper.style.transform = `scale(${scale})`;
      stage.style.height = `${size.height * scale}px`;
    });
    return player;
  }

  function show(at) {
    time.value = String(at);
    byId("clock").textContent = `${seconds(at)} of ${seconds(total)}`;
  }

  function seek(at) {
    const within = Math.min(Math.max(at, 0), total);
    show(within);
    // Events at the very time sought are only shown a moment later.
    for (const player of players) (playing ? player.play(within) : player.pause(within + 1));
  }

  function setPlaying(now) {
    playing = now;
    byId("play").textContent = playing ? "Pause" : "Play";
    seek(Number(time.value) >= total && playing ? 0 : Number(time.value));
  }

  function follow() {
    if (playing && players.length > 0) {
      const at = players[0].getCurrentTime();
      show(Math.min(at, total));
      if (at >= total) setPlaying(false);
    }
    requestAnimationFrame(follow);
  }

  function cell(value, column) {
    if (column === 0) return make("td", seconds(value));
    if (column !== 2) return make("td", String(value));
    const names = value.split(" > ");
    const short = names.length > LAST_NAMES ? `… ${names.slice(-LAST_NAMES).join(" > ")}` : value;
    return Object.assign(make("td", short), { title: value });
  }

  function fill(wanted) {
    const shown = rows.filter((row) => wanted === null || (row[1] === wanted[0] && row[RULE] === wanted[1]));
    byId("lines").replaceChildren(
      ...shown.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.slice(0, RULE).map(cell));
        line.addEventListener("click", () => seek(row[0]));
        return line;
      }),
    );
  }

  function offerCounts() {
    const buttons = counts.map(([action, why, times]) => {
      const button = make("button", "");
      button.append(make("b", `${times} ${action}`), ` ${why}`);
      return button;
    });
    buttons.forEach((button, index) => {
      button.addEventListener("click", () => {
        const chosen = button.getAttribute("aria-pressed") !== "true";
        for (const each of buttons) each.setAttribute("aria-pressed", String(chosen && each === button));
        fill(chosen ? counts[index] : null);
      });
    });
    byId("counts-buttons").replaceChildren(...buttons);
  }

  time.max = String(total);
  time.addEventListener("input", () => seek(Number(time.value)));
  byId("play").addEventListener("click", () => setPlaying(!playing));
  offerCounts();
  fill(null);
  seek(0);
  requestAnimationFrame(follow);
})();
