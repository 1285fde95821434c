import type { Body } from "./body";
import type { Unit } from "./buffer";
import type { Loss } from "./loss";
import type { Outcome } from "./outcome";

/** One page load within one session: the space in which `seq` counts. */
export interface PageLoad {
  readonly session: string;
  readonly page: string;
  nextSeq: number;
  /** What this recorder would tell if it happened; the first payload says it. */
  captures?: readonly string[];
}

/** What one request carries. */
export interface Payload {
  readonly pageLoad: PageLoad;
  readonly units: readonly Unit[];
  readonly user: string | null;
  /** What is missing here. A payload may be nothing but that. */
  readonly loss?: Loss;
  /** The number of what the gateway refused, and this replaces. */
  readonly seq?: number;
  /** Given at the first attempt; every further attempt sends the same bytes under the same number. */
  sealed?: Sealed;
  attempts: number;
  /** How often its body came too slowly. */
  slow: number;
  /** Its last request outlives the page. */
  outlives?: boolean;
  inFlight?: Promise<Outcome>;
}

export interface Sealed {
  readonly body: Body;
  readonly seq: number;
}

/** A payload that was never attempted. */
export function payload(
  pageLoad: PageLoad,
  units: readonly Unit[],
  user: string | null,
  more: { loss?: Loss | undefined; seq?: number | undefined; slow?: number } = {},
): Payload {
  const { loss, seq, slow = 0 } = more;
  return { pageLoad, units, user, attempts: 0, slow, ...(loss && { loss }), ...(seq !== undefined && { seq }) };
}

/** Fixes the bytes and takes the next number, once. */
export function seal(payload: Payload, body: Body): Sealed {
  payload.sealed ??= { body, seq: payload.seq ?? payload.pageLoad.nextSeq++ };
  return payload.sealed;
}

/** Length of the JSON, in UTF-16 units. */
export function sizeOf({ units }: Payload): number {
  return units.reduce((sum, unit) => sum + unit.json.length, 0);
}

export function isKeyframe({ units }: Payload): boolean {
  return units.some((unit) => unit.keyframe);
}

/** How many events payloads hold, a Meta with its snapshot as one; at least 1, since something is in each. */
export function unitsOf(payloads: readonly Payload[]): number {
  return payloads.reduce((sum, { units }) => sum + units.length, 0) || 1;
}
