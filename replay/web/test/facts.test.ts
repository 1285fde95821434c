// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { factRows, lossItems, removedItems } from "../facts";
import { eventMoments, lostMoments, momentItems, pageMoments, unseenItems } from "../moments";
import type { Recording } from "../recording";
import type { Kind } from "../unseen";
import type { LoadedWindow } from "../windows";

const AT = "2026-11-30T10:00:00.500Z";
const RECORDING = {
  started_at: AT,
  ended_at: AT,
  counts: { events: 9, clicks: 0, errors: null },
  pages: [
    { url: "https://a.example/1", at: AT },
    { url: "https://a.example/2", at: AT, window_id: "b", kind: "route" },
  ],
  losses: [],
  gaps: 0,
  country: "",
  expires_on: "2031-01-01",
} as unknown as Recording;

function lane(id: string, changes: Partial<LoadedWindow> = {}): LoadedWindow {
  const empty = { claims: [], interactions: [], pages: [], snapshots: [1], notes: [], topLayer: [] };
  return { id, events: 9, first: 1, last: 9, ...empty, unseen: { counts: new Map(), addresses: 0 }, ...changes };
}

function fact(recording: Recording, name: string): string | null | undefined {
  const rows = factRows(recording);
  return rows[rows.findIndex(({ textContent }) => textContent === name) + 1]?.textContent;
}

const words = (items: HTMLElement[]) => items.map(({ textContent }) => textContent);

describe("facts", () => {
  it("never show as zero what was not measured", () => {
    expect(fact(RECORDING, "Errors")).toBe("not measured");
    expect(fact(RECORDING, "Activity")).toBe("0 clicks · keys not measured · scrolls not measured · inputs not measured");
    expect([fact(RECORDING, "Rage clicks"), fact(RECORDING, "Dead clicks")]).toEqual(["not measured", "not measured"]);
    expect(fact(RECORDING, "Captured")).toBe("not told by this recorder");
    const measured = { ...RECORDING, counts: { errors: 0 }, rage_clicks: 0, dead_clicks: 1, captures: [] };
    expect([fact(measured, "Errors"), fact(measured, "Rage clicks"), fact(measured, "Dead clicks")]).toEqual([
      "0 errors",
      "0",
      "1",
    ]);
  });

  it("tell of a clock that was put right", () => {
    expect(factRows(RECORDING).map(({ textContent }) => textContent)).not.toContain("Clock");
    expect(fact({ ...RECORDING, clock_corrected: true }, "Clock")).toContain("corrected");
  });

  it("claim that nothing is known to be missing only when nothing is", () => {
    expect(words(lossItems(RECORDING, 0, false)).join()).toMatch(/^Nothing is known to be missing/);
    expect(words(lossItems(RECORDING, 0, true)).join()).toContain("may still be going on");
    expect(words(lossItems(RECORDING, 1, false))).toEqual([]);
    expect(words(lossItems({ ...RECORDING, gaps: 1 }, 0, false)).join()).toMatch(/^1 gap/);
  });

  it("tell of what a recorder did not record once, in its place if that is known", () => {
    const loss = { stage: "enrich", reason: "not_recorded_blocked", kind: "drop", payloads: 0, events: 1 };
    const lost = { ...RECORDING, losses: [loss] };
    expect(words(lossItems(lost, 0, false))).toEqual(["Not recorded: the page or an extension forbids the gateway."]);
    expect(words(lossItems(lost, 1, false, new Set([loss.reason])))).toEqual([]);
  });

  it("name the rules that took something out", () => {
    expect(words(removedItems(undefined))).toEqual(["By rule: not measured."]);
    expect(words(removedItems([{ rule: "block .card", count: 2 }]))).toEqual(["block .card 2 times"]);
  });
});

describe("moments", () => {
  it("are pages with their windows, as far as they are known", () => {
    const seen = lane("a", { pages: [{ announced: Date.parse(AT) - 5, at: Date.parse(AT), href: "https://a.example/1" }] });
    const moments = pageMoments(RECORDING, [seen, lane("b")]);
    expect(moments.map(({ window, kind }) => [window, kind])).toEqual([
      ["a", "load"],
      ["b", "route"],
    ]);
    const items = momentItems(moments, Date.parse(AT), (window) => `tab ${window}`, () => {});
    expect(words(items)).toEqual(["0:00a.example/1tab a", "0:00a.example/2routetab b"]);
  });

  it("are losses and errors in plain words, in the order of time", () => {
    const notes = [
      { at: 9, kind: "missing" as const, reason: "", count: 2 },
      { at: 5, kind: "not_recorded" as const, reason: "too_busy", count: 1 },
      { at: 6, kind: "not_recorded" as const, reason: "of tomorrow", count: 1 },
      { at: 7, kind: "error" as const, reason: "", count: 1 },
      { at: 10, kind: "missing" as const, reason: "page_left", count: 1 },
    ];
    expect(lostMoments([lane("a", { notes })]).map(({ text }) => text)).toEqual([
      "Not recorded: the page changed too much at once.",
      "Not recorded, for a reason this version does not know.",
      "2 payloads could not be read.",
      "1 payload could not be shown: their page had been left, and no snapshot came with them.",
    ]);
    const dead = lane("b", { notes: [{ at: 3, kind: "dead", reason: "", count: 1 }] });
    expect(eventMoments([lane("a", { notes }), dead]).map(({ kind }) => kind)).toEqual(["dead", "error"]);
  });

  it("count what is not shown over all windows", () => {
    const counts = new Map<Kind, number>([["picture", 1]]);
    const lanes = [lane("a", { unseen: { counts, addresses: 3 } }), lane("b", { unseen: { counts, addresses: 0 } })];
    expect(words(unseenItems(lanes))).toEqual([
      "2 pictures not recorded: a box of its size stands there.",
      "Background pictures and fonts are not loaded. Addresses that style sheets name, in use or not: 3.",
    ]);
    expect(words(unseenItems([lane("a")])).join()).toMatch(/^Nothing is known/);
  });
});
