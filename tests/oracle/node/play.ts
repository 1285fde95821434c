import { EventType, type eventWithTime } from "@rrweb/types";
import { Replayer } from "rrweb";

export interface Watcher {
  /** Called after the player has applied an event. */
  seen(event: eventWithTime, replayer: Replayer): void;
}

export interface Manner {
  /** Fast-forward through the player's own virtual document. */
  virtual: boolean;
  /** Let the player rebuild into an iframe without a sandbox, the only kind jsdom has. */
  unprotected: boolean;
}

/** A text or an error's text; of what else comes along nothing, since it holds the page. */
function wordsOf(part: unknown): string {
  if (typeof part === "string") return part;
  const message = (part as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : "";
}

/** Messages of the player. */
export class Heard {
  readonly messages: string[] = [];

  add(parts: unknown[]): void {
    const words = parts.map(wordsOf).filter((part) => part !== "");
    this.messages.push(words.join(" "));
  }
}

/**
 * The recording in pieces that each begin with a full snapshot and the Meta before it; what precedes the first
 * snapshot goes with it. A seek starts at the last Meta, so one play of the whole would show the last piece only.
 */
export function pieces(events: eventWithTime[]): eventWithTime[][] {
  let current: eventWithTime[] = [];
  const found = [current];
  let snapshots = 0;
  for (const event of events) {
    if (event.type === EventType.FullSnapshot && snapshots++ > 0) {
      const meta = current.at(-1)?.type === EventType.Meta ? current.splice(-1) : [];
      current = [...meta, event];
      found.push(current);
    } else {
      current.push(event);
    }
  }
  return found;
}

/** Plays a piece to its end at once; null if that throws. */
export function play(piece: eventWithTime[], manner: Manner, heard: Heard, watchers: Watcher[]): Replayer | null {
  // The player changes events while it plays them. What `srcdoc` says a browser loads over the document that was
  // recorded, when it comes to it.
  const copied = JSON.stringify(piece, (key, value: unknown) => (key === "srcdoc" ? undefined : value));
  const events = JSON.parse(copied) as eventWithTime[];
  const first = events[0]?.timestamp ?? 0;
  while (events.length < 2) events.unshift({ type: EventType.Load, data: {}, timestamp: first });
  const root = document.body.appendChild(document.createElement("div"));
  const { warn } = console;
  console.warn = (...parts: unknown[]) => heard.add(parts);
  try {
    const replayer = new Replayer(events, {
      root,
      mouseTail: false,
      showWarning: true,
      useVirtualDom: manner.virtual,
      UNSAFE_replayCanvas: manner.unprotected,
      logger: { warn: (...parts: unknown[]) => heard.add(parts), log: () => {} },
      plugins: watchers.map((watcher) => ({ handler: (event, _, { replayer }) => watcher.seen(event, replayer) })),
    });
    replayer.pause(replayer.getMetaData().totalTime + 1);
    return replayer;
  } catch (error) {
    heard.add(["thrown:", error]);
    root.remove();
    return null;
  } finally {
    console.warn = warn;
  }
}

/** Ends a player and takes its picture away. */
export function close(replayer: Replayer): void {
  const root = replayer.wrapper.parentElement;
  replayer.destroy();
  root?.remove();
}
