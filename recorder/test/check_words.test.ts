import { describe, expect, it } from "vitest";
import { gatewayWords, pageWords } from "../src/check_words";
import { CAUTIOUS } from "../src/config";

describe("gatewayWords", () => {
  it("says why nothing can be recorded", () => {
    expect(gatewayWords("k", { kind: "refused", status: 401 })[0]).toContain("does not know the write key k");
    expect(gatewayWords("k", { kind: "refused", status: 403 })[0]).toContain("not for pages of this origin");
    expect(gatewayWords("k", { kind: "unreachable" })[0]).toContain("no answer");
    const off = { kind: "config", config: { ...CAUTIOUS, recording: false } } as const;
    expect(gatewayWords("k", off)[0]).toContain("switched off");
  });

  it("says what recorders are told", () => {
    const config = { ...CAUTIOUS, samplePercent: 10, capture: { ...CAUTIOUS.capture, network: true } };
    const words = gatewayWords("k", { kind: "config", config }).join(" ");
    expect(words).toContain("10 % of sessions");
    expect(words).toContain("Global Privacy Control switched on is not recorded");
    expect(words).toContain("ask for it: network.");
  });
});

describe("pageWords", () => {
  it("gives what the page said, and says when that is something else", () => {
    const report = { origin: "https://a.test", sentences: ["This page is being recorded."] };
    expect(pageWords(JSON.stringify(report))).toEqual(["The page of https://a.test said:", "This page is being recorded."]);
    expect(pageWords(" ")).toEqual([]);
    expect(pageWords("{}")[0]).toContain("not what reelstream.check() gives");
    expect(pageWords("<b>")[0]).toContain("not what reelstream.check() gives");
  });
});
