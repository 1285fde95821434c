import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import { brought, changes, isElement, localName, type RecordedNode } from "./nodes";

/**
 * What the page's policy cannot forbid: connections that a browser opens on its own account, without a request that
 * the policy is asked about. The recorder writes none of this; whoever writes events by hand may.
 */
const OPENS_A_DOCUMENT = new Set(["src", "srcdoc", "data", "code", "codebase", "archive", "classid", "object"]);
const FRAMES = new Set(["iframe", "frame", "object", "embed", "applet", "portal", "fencedframe", "webview"]);
const HREFS = new Set(["href", "xlink:href"]);
/** A click pings, a picture reports: for every element. */
const REPORTS = new Set(["ping", "attributionsrc"]);

const KNOWN = new Set<number>([
  EventType.DomContentLoaded,
  EventType.Load,
  EventType.FullSnapshot,
  EventType.IncrementalSnapshot,
  EventType.Meta,
  EventType.Custom,
  EventType.Plugin,
]);

function mayStay(tag: string, attribute: string, value: unknown): boolean {
  if (REPORTS.has(attribute)) return false;
  if (FRAMES.has(tag)) return !OPENS_A_DOCUMENT.has(attribute);
  // Recorded style sheets carry their text; what is left are icons, manifests and hints at hosts to connect to.
  if (tag === "link") return !HREFS.has(attribute) && attribute !== "imagesrcset";
  if (tag === "meta") return attribute !== "http-equiv";
  if (tag === "base") return false;
  // A link stays a link, but to nowhere: browsers look up its host, and a click would leave the recording.
  if (HREFS.has(attribute) && isLink(tag)) return String(value).startsWith("#");
  return true;
}

/** Takes out of events, in their order, what would make a browser connect to somewhere when they are played. */
export class Tamer {
  /** Elements by id, as far as their attributes may not have any value. */
  readonly #tags = new Map<number, string>();

  /** The event, changed in place; null if the player has no use for it. */
  tame(event: eventWithTime): eventWithTime | null {
    if (!KNOWN.has(event.type)) return null;
    for (const { node } of brought(event)) if (isElement(node)) this.#element(node);
    for (const { id, attributes } of changes(event)) this.#attributes(this.#tags.get(id) ?? "", attributes);
    if (event.type !== EventType.IncrementalSnapshot) return event;
    const { data } = event;
    if (data.source === IncrementalSource.CanvasMutation) {
      // Not drawn (`UNSAFE_replayCanvas`), but the player would load the pictures of its commands.
      Object.assign(data, { commands: [] });
      delete (data as { args?: unknown }).args;
    }
    return event;
  }

  #element(node: RecordedNode): void {
    const local = localName(node);
    if (node.id !== undefined) {
      if (isWatched(local)) this.#tags.set(node.id, local);
      else this.#tags.delete(node.id);
    }
    if (node.attributes) this.#attributes(local, node.attributes as Record<string, unknown>);
  }

  #attributes(tag: string, attributes: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (!mayStay(tag, name.toLowerCase(), value)) {
        if (HREFS.has(name.toLowerCase()) && isLink(tag)) attributes[name] = "#";
        else delete attributes[name];
      }
    }
  }
}

function isLink(tag: string): boolean {
  return tag === "a" || tag === "area";
}

function isWatched(tag: string): boolean {
  return FRAMES.has(tag) || isLink(tag) || ["link", "meta", "base"].includes(tag);
}
