// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { checkPage, type Facts } from "../src/check";
import { type Answer, CAUTIOUS } from "../src/config";

const facts = (changed: Partial<Facts>, answer: Answer = { kind: "config", config: CAUTIOUS }): Facts => ({
  key: "k",
  endpoint: "https://rs.test",
  session: null,
  refusal: null,
  ended: null,
  ask: vi.fn(async () => answer),
  ...changed,
});

describe("checkPage", () => {
  it.each<[string, Facts, string, string]>([
    ["a page that is recorded", facts({ session: "s" }), "reachable", "This page is being recorded."],
    ["no key", facts({ key: null }), "not asked", "No write key"],
    ["an unknown key", facts({}, { kind: "refused", status: 401 }), "401", "does not know the write key k"],
    ["another origin", facts({ session: "s" }, { kind: "refused", status: 403 }), "403", "does not list this origin"],
    ["a gateway that is away", facts({}, { kind: "unreachable" }), "unreachable", "cannot be reached from this page"],
    ["a project that is off", facts({}, { kind: "config", config: { ...CAUTIOUS, recording: false } }), "reachable", "switched off"],
    ["what ended it", facts({ ended: "of this" }), "reachable", "It ended: of this."],
    ["nobody having started it", facts({}), "reachable", "Nobody called reelstream.start"],
  ])("says %s", async (_, given, gateway, said) => {
    const report = await checkPage(given);
    expect(report.gateway).toBe(gateway);
    expect(report.sentences.join(" ")).toContain(said);
    expect(report.sentences[0]).toBe(report.recording ? "This page is being recorded." : "This page is not being recorded.");
  });

  it("asks nobody about a person who wants no recording", async () => {
    const given = facts({ refusal: "the visitor opted out" });
    const report = await checkPage(given);
    expect(given.ask).not.toHaveBeenCalled();
    expect(report).toMatchObject({ recording: false, gateway: "not asked" });
    expect(report.sentences).toContain("The recorder leaves this page alone: the visitor opted out.");
  });
});
