import { describe, expect, it } from "vitest";
import { backoffMs, outcomeOf } from "../src/outcome";

describe("outcome", () => {
  it.each([
    [202, "stored"],
    [400, "drop"],
    [401, "stop"],
    [403, "stop"],
    [404, "stop"],
    [408, "smaller"],
    [413, "smaller"],
    [415, "drop"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
  ])("of status %i is %s", (status, kind) => {
    expect(outcomeOf(status, null, 0).kind).toBe(kind);
  });

  it.each([
    ["7", 7_000],
    [new Date(60_000).toUTCString(), 50_000],
    ["-5", 0],
    ["soon", 0],
    ["1e9", 600_000],
  ])("reads Retry-After %j as %i ms", (text, ms) => {
    expect(outcomeOf(503, text, 10_000)).toEqual({ kind: "retry", afterMs: ms });
  });

  it("backs off ever longer, at most a minute, and never in step", () => {
    expect([1, 2, 3, 99].map((attempts) => backoffMs(attempts, 0, 1))).toEqual([1_000, 2_000, 4_000, 60_000]);
    expect(backoffMs(3, 0, 0)).toBe(2_000);
  });

  it("never retries before the gateway said", () => {
    expect(backoffMs(1, 30_000, 0)).toBe(30_000);
  });
});
