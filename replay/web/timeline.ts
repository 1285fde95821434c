import type { Claim, Shown } from "./activity";

/** What the time line needs to know of a window. */
export interface Lane {
  id: string;
  /** How many. */
  events: number;
  /** Of its events, epoch ms. */
  first: number;
  last: number;
  claims: readonly Claim[];
  interactions: readonly number[];
  pages: readonly Shown[];
  /** When there is a picture, epoch ms, rising. */
  snapshots: readonly number[];
}

/** From `from` (epoch ms) on this window is the one that is looked at, until the next span. */
export interface Span {
  from: number;
  window: string;
}

/** A person who does nothing for this long is idle, ms. */
const IDLE_MS = 10_000;
/** A tab that says that it is shown so soon after it opened was opened in front. */
const AT_ONCE_MS = 1000;

type Claimed = Claim & { lane: Lane };

/** Windows with a picture, the first to have one first. */
export function playable<L extends Lane>(lanes: readonly L[]): L[] {
  // The player asks for two events.
  const withPicture = lanes.filter(({ snapshots, events }) => snapshots.length > 0 && events >= 2);
  return withPicture.sort((a, b) => (a.snapshots[0] ?? 0) - (b.snapshots[0] ?? 0));
}

/** Which of several windows was looked at when, from what they say. Never empty if there is a playable one. */
export function spans(lanes: readonly Lane[]): Span[] {
  const [first, ...others] = playable(lanes);
  if (first === undefined) return [];
  const claims = [first, ...others].flatMap((lane) => claimsOf(lane)).sort((a, b) => a.at - b.at);
  const hidden = new Set<string>();
  const found: Span[] = [{ from: Math.min(first.first, first.snapshots[0] ?? first.first), window: first.id }];
  for (const { at, kind, lane } of claims) {
    if (kind === "hidden") hidden.add(lane.id);
    else if (kind === "shown") hidden.delete(lane.id);
    // Only a person moves a pointer or presses; a script scrolls, fills in and navigates in hidden tabs too.
    else if (kind !== "used" && hidden.has(lane.id)) continue;
    if (kind !== "hidden" && found.at(-1)?.window !== lane.id) found.push({ from: at, window: lane.id });
  }
  return found;
}

/** A window's claims, none of them before there is a picture, without openings in the background. */
function claimsOf(lane: Lane): Claimed[] {
  const start = lane.snapshots[0] ?? 0;
  let hidden = false;
  return lane.claims
    .filter((claim, index) => {
      if (claim.kind === "hidden" || claim.kind === "shown") hidden = claim.kind === "hidden";
      if (claim.kind !== "opened" || hidden) return true;
      // A tab is not told to be shown later unless it was hidden, or was opened so.
      const next = lane.claims.slice(index + 1).find(({ kind }) => kind === "hidden" || kind === "shown");
      if (next === undefined) return true;
      return next.kind === "shown" ? next.at - claim.at <= AT_ONCE_MS : next.at - claim.at > AT_ONCE_MS;
    })
    .map((claim) => ({ ...claim, at: Math.max(claim.at, start), lane }));
}

/** The window that is looked at at a moment. */
export function windowAt(all: readonly Span[], at: number): string | null {
  let found = all[0]?.window ?? null;
  for (const { from, window } of all) {
    if (from > at) break;
    found = window;
  }
  return found;
}

/** The first moment after `at` when another window than `window` is looked at; infinite if there is none. */
export function leftAt(all: readonly Span[], at: number, window: string): number {
  return all.find((span) => span.from > at && span.window !== window)?.from ?? Infinity;
}

/** Stretches of time in which nobody did anything, as [from, to], epoch ms. */
export function idle(lanes: readonly Lane[], start: number, end: number): [number, number][] {
  const times = [start, ...lanes.flatMap(({ interactions }) => [...interactions]), end].sort((a, b) => a - b);
  const stretches: [number, number][] = [];
  for (const [index, to] of times.entries()) {
    const from = times[index - 1] ?? to;
    if (to - from > IDLE_MS && to <= end && from >= start) stretches.push([from + 1000, to - 1000]);
  }
  return stretches;
}

/** When a page of a window that is announced at `at` is to be seen: after its snapshot, never the page before. */
export function seenAt(lane: Lane, at: number): number {
  const page = lane.pages.filter(({ announced }) => announced <= at).at(-1);
  return page !== undefined && page.at >= at ? page.at + 1 : at + 1;
}

/** The window of a page of which only address and time are known. */
export function windowOf(lanes: readonly Lane[], href: string, at: number): Lane | null {
  const near = ({ announced, at: seen }: Shown) => announced === at || seen === at;
  const exact = lanes.filter(({ pages }) => pages.some(near));
  return exact.find(({ pages }) => pages.some((page) => near(page) && page.href === href)) ?? exact[0] ?? null;
}
