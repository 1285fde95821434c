import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { bodyText, compressedBody, cutToFit, halve, plainBody } from "../src/body";
import { EventBuffer, type Unit } from "../src/buffer";
import { meta, mutation, scroll, snapshot } from "./rrweb_events";

function unitsOf(...events: Parameters<EventBuffer["add"]>[0][]): Unit[] {
  const buffer = new EventBuffer();
  for (const event of events) buffer.add(event);
  return buffer.take();
}

const content = (units: readonly Unit[], user: string | null = null, nextSeq = 1) => ({
  pageLoad: { session: "s", page: "p", nextSeq, captures: ["errors", "routes"] },
  units,
  user,
});

describe("buffer", () => {
  it("keeps a Meta and its full snapshot together, even when emptied between them", () => {
    const buffer = new EventBuffer();
    buffer.add(scroll(1));
    buffer.add(meta(2));
    expect(buffer.take().map((unit) => unit.keyframe)).toEqual([false]);
    buffer.add(snapshot(3));
    const [pair] = buffer.take();
    expect(JSON.parse(`[${pair?.json}]`)).toEqual([meta(2), snapshot(3)]);
    expect(pair?.keyframe).toBe(true);
  });

  it("loses no event and keeps their order", () => {
    const events = [meta(1), snapshot(2), mutation("a", 3), meta(4), scroll(5)];
    expect(JSON.parse(bodyText(content(unitsOf(...events))))).toEqual(events);
  });
});

describe("body", () => {
  it("carries the user only once identified", () => {
    const units = unitsOf(scroll(1));
    expect(JSON.parse(bodyText(content(units)))).toEqual([scroll(1)]);
    expect(JSON.parse(bodyText(content(units, 'a"b')))).toEqual({ user: 'a"b', events: [scroll(1)] });
  });

  it("says in a page load's first payload what would be told, and anywhere what is missing", () => {
    const units = unitsOf(scroll(1));
    const captures = ["errors", "routes"];
    expect(JSON.parse(bodyText(content(units, null, 0)))).toEqual({ captures, events: [scroll(1)] });
    const loss = { reason: "queue_full", count: 3 } as const;
    expect(JSON.parse(bodyText({ ...content([], "u"), loss }))).toEqual({ user: "u", not_recorded: loss, events: [] });
  });

  it("gunzips to its plain text", async () => {
    const units = unitsOf(mutation("žluťoučký".repeat(50)));
    const body = await compressedBody(content(units, "u"));
    expect(body?.enc).toBe("gzip");
    expect(gunzipSync(body?.bytes ?? "").toString()).toBe(bodyText(content(units, "u")));
  });

  it("halves by size, with something on each side", () => {
    const [big, small] = [mutation("x".repeat(1_000)), mutation("y")];
    expect(halve(unitsOf(big, small, small)).map((half) => half.length)).toEqual([1, 2]);
    expect(halve(unitsOf(small, small, big)).map((half) => half.length)).toEqual([2, 1]);
  });

  it("cuts to a limit counted in bytes, not characters", () => {
    const units = unitsOf(...Array.from({ length: 20 }, () => mutation("ž".repeat(100))));
    const [fits, rest] = cutToFit(content(units, "u"), 2_000);
    expect([...fits, ...rest]).toEqual(units);
    expect(plainBody(content(fits, "u")).bytes.length).toBeLessThanOrEqual(2_000);
    expect(plainBody(content(units.slice(0, fits.length + 1), "u")).bytes.length).toBeGreaterThan(2_000);
  });
});
