import type { Report } from "./check";
import type { Answer } from "./config";

/** What the gateway's answer for a key means, in plain words. */
export function gatewayWords(key: string, answer: Answer): string[] {
  if (answer.kind === "unreachable") return ["The gateway gave no answer that can be read. It may be down."];
  if (answer.kind === "refused") {
    return answer.status === 401
      ? [`The gateway does not know the write key ${key}. Nothing that names it is recorded.`]
      : [`The gateway knows the write key ${key}, but not for pages of this origin. That need not be so for yours.`];
  }
  const { recording, samplePercent, gpc, maskInputs, capture } = answer.config;
  const optional = Object.entries(capture).flatMap(([name, is]) => (is ? [name] : []));
  return [
    recording ? `The gateway knows the write key ${key}.` : "Recording is switched off for the project.",
    samplePercent < 100 ? `${samplePercent} % of sessions are recorded.` : "All sessions may be recorded.",
    gpc
      ? "Whoever has Global Privacy Control switched on is not recorded."
      : "Global Privacy Control is not looked at.",
    maskInputs ? "What people type never leaves the page." : "What people type is sent, but for passwords.",
    optional.length > 0
      ? `Pages may have captured, if they ask for it: ${optional.join(", ")}.`
      : "Console, network, canvas and pictures are not captured.",
  ];
}

/** What a page said of itself, or why that cannot be read. */
export function pageWords(text: string): string[] {
  if (text.trim() === "") return [];
  try {
    const { origin, sentences } = JSON.parse(text) as Partial<Report>;
    if (typeof origin !== "string" || !Array.isArray(sentences)) throw new Error();
    return [`The page of ${origin} said:`, ...sentences.map(String)];
  } catch {
    return ["What was pasted is not what reelstream.check() gives."];
  }
}
