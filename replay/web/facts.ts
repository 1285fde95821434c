import { make } from "./dom";
import { address, bytes, client, counted, duration, moment, place } from "./format";
import { gapSentence, sentence } from "./losses";
import type { Recording } from "./recording";

/** The facts of a recording as a definition list's children. */
export function factRows(recording: Recording): HTMLElement[] {
  const { counts } = recording;
  const number = (name: keyof typeof counts) => counts[name] ?? 0;
  const facts: [string, string][] = [
    ["User", recording.user || "anonymous"],
    ["Started", moment(recording.started_at)],
    ["Duration", `${duration(recording.duration)}, ${duration(recording.active)} active`],
    ["From", place(recording)],
    ["With", client(recording) + (recording.bot ? " · bot" : "")],
    ["Events", counted(number("events"), "event")],
    [
      "Activity",
      [
        counted(number("clicks"), "click"),
        counted(number("keys"), "key"),
        counted(number("scrolls"), "scroll"),
        counted(number("inputs"), "input"),
      ].join(" · "),
    ],
    ["Errors", counted(number("errors"), "console error")],
    ["Privacy", `${number("masked")} masked · ${number("blocked")} blocked · ${number("dropped")} dropped`],
    ["Size", `${bytes(recording.bytes_raw)} received, ${bytes(recording.bytes_stored)} stored`],
    ["Kept until", recording.expires_on],
    ["Session", recording.session_id],
  ];
  return facts.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]);
}

/** Every loss and gap as a list item; one reassuring item when there is none. */
export function lossItems(recording: Recording): HTMLElement[] {
  const gaps = gapSentence(recording.gaps);
  const sentences = [...(gaps ? [gaps] : []), ...recording.losses.map(sentence)];
  return sentences.length > 0
    ? sentences.map((text) => make("li", "", text))
    : [make("li", "quiet", "Nothing the browser sent was left out.")];
}

/** The pages of the session; a click calls `seek` with the moment (epoch ms) the page was opened. */
export function pageItems(recording: Recording, seek: (at: number) => void): HTMLElement[] {
  const [first] = recording.pages;
  if (first === undefined) return [make("li", "quiet", "No page is known.")];
  // Pages carry the browser's clock, the start of the recording the server's.
  const start = Date.parse(first.at);
  return recording.pages.map(({ url, at }) => {
    const time = Date.parse(at);
    const button = make("button", "seek", make("span", "number", duration((time - start) / 1000)), address(url));
    button.type = "button";
    button.title = url;
    button.addEventListener("click", () => seek(time));
    return make("li", "", button);
  });
}
