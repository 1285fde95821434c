import type { Unit } from "./buffer";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A request body and the value of its `enc` parameter, which is absent for plain JSON. */
export interface Body {
  readonly bytes: Bytes;
  readonly enc?: "gzip";
}

/** JSON array of the events, or `{"user": …, "events": […]}` once the user is known. */
export function bodyText(units: readonly Unit[], user: string | null): string {
  const events = `[${units.map((unit) => unit.json).join(",")}]`;
  return user === null ? events : `{"user":${JSON.stringify(user)},"events":${events}}`;
}

export function plainBody(units: readonly Unit[], user: string | null): Body {
  return { bytes: new TextEncoder().encode(bodyText(units, user)) };
}

/** Gzipped where the browser has CompressionStream, else plain. */
export async function compressedBody(units: readonly Unit[], user: string | null): Promise<Body> {
  if (typeof CompressionStream === "undefined") return plainBody(units, user);
  const stream = new Blob([bodyText(units, user)]).stream().pipeThrough(new CompressionStream("gzip"));
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
export function cutToFit(units: readonly Unit[], user: string | null, limit: number): [Unit[], Unit[]] {
  let room = limit - plainBody([], user).bytes.length;
  let cut = 0;
  for (const unit of units) {
    // UTF-8 is never shorter than UTF-16 units: a large snapshot need not be encoded to be refused.
    room -= 1 + (unit.json.length > room ? unit.json.length : new TextEncoder().encode(unit.json).length);
    if (room < 0) break;
    cut++;
  }
  return [units.slice(0, cut), units.slice(cut)];
}
