"use strict";
// Two players that always show the same time, and the table of findings, whose rows lead to their time.
(() => {
  const { before, after, rows, counts } = JSON.parse(document.getElementById("data").textContent);
  const PRIVATE =
    ".rr-block { background: repeating-linear-gradient(45deg, #dfe3db 0 8px, #eceee8 8px 16px) !important; }";
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  const byId = (id) => document.getElementById(id);
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  const players = [open("before", before), open("after", after)].filter((player) => player !== null);
  const total = Math.max(0, ...players.map((player) => player.getMetaData().totalTime));
  const time = byId("time");
  let playing = false;

  function open(id, events) {
    const stage = byId(id);
    if (events.length < 2 || !events.some((event) => event.type === 2)) {
      stage.append(make("p", "Nothing to show: without a full snapshot there is no picture."));
      return null;
    }
    const player = new rrweb.Replayer(events, { root: stage, mouseTail: false, showWarning: false, insertStyleRules: [PRIVATE] });
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

  function fill(wanted) {
    const shown = rows.filter(([, action, , , why]) => wanted === null || (action === wanted[0] && why === wanted[1]));
    byId("rows").replaceChildren(
      ...shown.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.map((value, column) => make("td", column === 0 ? seconds(value) : String(value))));
        line.addEventListener("click", () => seek(row[0]));
        return line;
      }),
    );
  }

  function offerCounts() {
    const buttons = counts.map(([action, why, times]) => make("button", `${action}: ${why} (${times})`));
    buttons.forEach((button, index) => {
      button.addEventListener("click", () => {
        const chosen = button.getAttribute("aria-pressed") !== "true";
        for (const each of buttons) each.setAttribute("aria-pressed", String(chosen && each === button));
        fill(chosen ? counts[index] : null);
      });
    });
    byId("counts").replaceChildren(...buttons);
  }

  time.max = String(total);
  time.addEventListener("input", () => seek(Number(time.value)));
  byId("play").addEventListener("click", () => setPlaying(!playing));
  offerCounts();
  fill(null);
  seek(0);
  requestAnimationFrame(follow);
})();
