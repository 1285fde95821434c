import type { Unit } from "./buffer";
import type { Payload } from "./payload";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A request body and the value of its `enc` parameter, which is absent for plain JSON. */
export interface Body {
  readonly bytes: Bytes;
  readonly enc?: "gzip";
}

type Content = Pick<Payload, "pageLoad" | "units" | "user" | "loss" | "seq">;

/** What the gateway takes by default. */
const SENT_MAX = 20 * 1024 * 1024;
/** The protocol has 64 MiB, but the server's privacy stage, by default, drops an event of 32 and of a little less. */
const INFLATED_MAX = 30 * 1024 * 1024;

/** JSON array of the events, or an object of them and of what else there is to say. */
export function bodyText({ pageLoad, units, user, loss, seq = pageLoad.nextSeq }: Content): string {
  const events = `[${units.map((unit) => unit.json).join(",")}]`;
  let more = user === null ? "" : `"user":${JSON.stringify(user)},`;
  if (seq === 0 && pageLoad.captures) more += `"captures":${JSON.stringify(pageLoad.captures)},`;
  if (loss) more += `"not_recorded":{"reason":"${loss.reason}","count":${loss.count}},`;
  return more && `{${more}"events":${events}}` || events;
}

export function plainBody(content: Content): Body {
  return { bytes: new TextEncoder().encode(bodyText(content)) };
}

/** Gzipped where the browser has CompressionStream, else plain. Null for more than the server can take. */
export async function compressedBody(content: Content): Promise<Body | null> {
  const plain = new Blob([bodyText(content)]);
  if (plain.size > INFLATED_MAX) return null;
  const body: Body = await gzipped(plain);
  return body.bytes.length > SENT_MAX ? null : body;
}

/** The bytes gzipped, or as they are where the browser cannot. */
export async function gzipped(plain: Blob): Promise<Body> {
  if (typeof CompressionStream === "undefined") return { bytes: new Uint8Array(await plain.arrayBuffer()) };
  const stream = plain.stream().pipeThrough(new CompressionStream("gzip"));
  return { bytes: new Uint8Array(await new Response(stream).arrayBuffer()), enc: "gzip" };
}

/** Two parts as equal in size as units allow, both non-empty. Needs two units or more. */
export function halve(units: readonly Unit[]): [Unit[], Unit[]] {
  const total = units.reduce((sum, unit) => sum + unit.json.length, 0);
  let cut = 0;
  for (let size = 0; cut < units.length - 1 && size < total / 2; cut++) size += units[cut]?.json.length ?? 0;
  return [units.slice(0, Math.max(cut, 1)), units.slice(Math.max(cut, 1))];
}

/** The longest beginning whose plain body is at most `limit` bytes, and the rest; either may be empty. */
export function cutToFit(content: Content, limit: number): [Unit[], Unit[]] {
  let room = limit - plainBody({ ...content, units: [] }).bytes.length;
  let cut = 0;
  for (const unit of content.units) {
    // UTF-8 is never shorter than UTF-16 units: a large snapshot need not be encoded to be refused.
    room -= 1 + (unit.json.length > room ? unit.json.length : new TextEncoder().encode(unit.json).length);
    if (room < 0) break;
    cut++;
  }
  return [content.units.slice(0, cut), content.units.slice(cut)];
}
