import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { BURST, PER_SECOND, Storm } from "../src/storm";
import { mutation, scroll, snapshot } from "./rrweb_events";

const rule = { type: EventType.IncrementalSnapshot, data: { source: IncrementalSource.StyleSheetRule } } as eventWithTime;

describe("storm", () => {
  it("lets a page change much at once, or for ever at the rate it may", () => {
    const storm = new Storm();
    expect(storm.spend(mutation(), BURST - 1, 0)).toBe(0);
    for (let second = 1; second < 100; second++) {
      expect(storm.spend(mutation(), PER_SECOND, second * 1_000)).toBe(0);
      expect(storm.drops(mutation(), second * 1_000)).toBe(false);
    }
  });

  it("leaves out what the page does, not what the visitor does, until the pause is over", () => {
    const storm = new Storm();
    const pause = storm.spend(mutation(), BURST, 0);
    expect(pause).toBe(5_000);
    expect([mutation(), rule, scroll(), snapshot()].map((event) => storm.drops(event, pause - 1))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(storm.drops(mutation(), pause)).toBe(false);
  });

  it("pauses longer each time it goes on, up to a minute, and begins anew after a calm minute", () => {
    const storm = new Storm();
    let now = 0;
    const pauses = Array.from({ length: 6 }, () => {
      const pause = storm.spend(rule, 2 * BURST, now);
      now += pause;
      return pause / 1_000;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
    expect(storm.spend(mutation(), 2 * BURST, now + 60_001)).toBe(5_000);
  });

  it("does not count snapshots and what the visitor does", () => {
    const storm = new Storm();
    expect(storm.spend(snapshot(), 10 * BURST, 0)).toBe(0);
    expect(storm.spend(scroll(), 10 * BURST, 0)).toBe(0);
    expect(storm.spend(mutation(), 1, 0)).toBe(0);
  });
});
