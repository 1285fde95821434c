import type { eventWithTime } from "@rrweb/types";
import type { Replayer } from "rrweb";
import { Comparison, type Verdict } from "./compare";
import { FieldRules } from "./field_rules";
import { Judge, type Rules } from "./judge";
import { close, Heard, type Manner, pieces, play } from "./play";
import { Secrets } from "./secrets";

export interface Request {
  original: eventWithTime[];
  /** The pictures must be equal but for what `rules` select, and what their policy asks of all else. */
  enforced: { events: eventWithTime[]; rules: Rules }[];
  manner: Manner;
}

/** Of one enforced stream. `unplayed` counts pieces whose original the player itself gives up. */
export interface Answer extends Verdict {
  messages: string[];
  pieces: number;
  unplayed: number;
}

/** The player finishes in timers: style sheets, scrolls, the end of the recording. */
const SETTLE_MS = 10;

/** Plays and waits; says on the console whose turn it is, for those who collect what the page itself does not see. */
async function shown(
  turn: string,
  piece: eventWithTime[],
  manner: Manner,
  heard: Heard,
  judges: Judge[],
): Promise<Replayer | null> {
  console.debug(turn);
  const replayer = play(piece, manner, heard, judges);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return replayer;
}

/** Plays the original piece by piece, and each enforced stream beside it. */
export async function run({ original, enforced, manner }: Request): Promise<{ messages: string[]; enforced: Answer[] }> {
  const heard = new Heard();
  const streams = enforced.map(({ events, rules }) => ({
    rules,
    pieces: pieces(events),
    heard: new Heard(),
    secrets: new Secrets(),
    fields: rules.policy && new FieldRules(rules.policy),
  }));
  const answers = streams.map((stream): Answer => {
    return { messages: stream.heard.messages, differences: [], nodes: 0, blocked: 0, masked: 0, pieces: 0, unplayed: 0 };
  });
  for (const [index, piece] of pieces(original).entries()) {
    const judges = streams.map(({ rules, secrets }) => new Judge(rules, secrets));
    // A judge asks the document, which the player does not touch while it works on its own.
    if (manner.virtual) {
      const seen = await shown("judge", piece, { ...manner, virtual: false }, new Heard(), judges);
      if (seen) close(seen);
    }
    const before = await shown("original", piece, manner, heard, manner.virtual ? [] : judges);
    for (const [which, stream] of streams.entries()) {
      const answer = answers[which]!;
      answer.pieces += 1;
      if (!before) answer.unplayed += 1;
      const after = await shown(`enforced ${which}`, stream.pieces[index] ?? [], manner, stream.heard, []);
      if (before && after) add(answer, new Comparison(before, after, judges[which]!, stream.fields).run());
      if (before && !after) answer.differences.push(`piece ${index} does not play`);
      if (after) close(after);
    }
    if (before) close(before);
  }
  return { messages: heard.messages, enforced: answers };
}

function add(answer: Answer, verdict: Verdict): void {
  answer.differences.push(...verdict.differences);
  answer.nodes += verdict.nodes;
  answer.blocked += verdict.blocked;
  answer.masked += verdict.masked;
}
