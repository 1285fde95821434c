import type { Body } from "./body";
import type { Unit } from "./buffer";
import type { Outcome } from "./outcome";

/** One page load within one session: the space in which `seq` counts. */
export interface PageLoad {
  readonly session: string;
  readonly page: string;
  nextSeq: number;
}

/** What one request carries. */
export interface Payload {
  readonly pageLoad: PageLoad;
  readonly units: readonly Unit[];
  readonly user: string | null;
  /** Given at the first attempt; every further attempt sends the same bytes under the same number. */
  sealed?: Sealed;
  attempts: number;
  inFlight?: Promise<Outcome>;
}

export interface Sealed {
  readonly body: Body;
  readonly seq: number;
}

/** A payload that was never attempted. */
export function payload(pageLoad: PageLoad, units: readonly Unit[], user: string | null): Payload {
  return { pageLoad, units, user, attempts: 0 };
}

/** Fixes the bytes and takes the next number, once. */
export function seal(payload: Payload, body: Body): Sealed {
  payload.sealed ??= { body, seq: payload.pageLoad.nextSeq++ };
  return payload.sealed;
}

/** Length of the JSON, in UTF-16 units. */
export function sizeOf({ units }: Payload): number {
  return units.reduce((sum, unit) => sum + unit.json.length, 0);
}

export function isKeyframe({ units }: Payload): boolean {
  return units.some((unit) => unit.keyframe);
}
