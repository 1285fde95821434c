import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ago, bytes, client, duration, place } from "../format";
import { gapSentence, notRecorded, sentence } from "../losses";

/** Values of an enumeration of `schemas/reasons.py`. */
function values(name: string): string[] {
  const body = readFileSync("schemas/reasons.py", "utf8").split(`class ${name}(`)[1]?.split("\nclass ")[0] ?? "";
  return [...body.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"/gm)].map(([, value = ""]) => value);
}

const REASONS = values("Reason");

describe("losses", () => {
  it("have words for every reason a stage can give", () => {
    expect(REASONS.length).toBeGreaterThan(20);
    const wordless = REASONS.filter((reason) =>
      sentence({ stage: "enrich", reason, kind: "drop", payloads: 1, events: 0 }).endsWith(`: ${reason}.`),
    );
    expect(wordless).toEqual([]);
  });

  it("have words for everything that a recorder tells it did not record", () => {
    const reasons = values("NotRecorded");
    expect(reasons.length).toBeGreaterThan(7);
    const wordless = notRecorded("of tomorrow");
    expect(reasons.filter((reason) => notRecorded(reason) === wordless)).toEqual([]);
  });

  it("say how much was left out, by whom and why", () => {
    expect(sentence({ stage: "enrich", reason: "duplicate", kind: "drop", payloads: 2, events: 1 })).toBe(
      "2 payloads with 1 event left out by enrich: sent twice; the first copy is here.",
    );
  });

  it("mention gaps only when there are any", () => {
    expect(gapSentence(0)).toBeNull();
    expect(gapSentence(2)).toMatch(/^2 gaps:/);
  });
});

describe("format", () => {
  it.each([
    [0, "0:00"],
    [59.6, "1:00"],
    [3_725, "1:02:05"],
  ])("shows %d s as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [78_000, "78 kB"],
    [12_000_000, "12 MB"],
  ])("shows %d bytes as %s", (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [30_000, "just now"],
    [90 * 60_000, "1 h ago"],
    [72 * 3_600_000, "3 d ago"],
  ])("shows %d ms of age as %s", (age, text) => {
    expect(ago(new Date(1_000).toISOString(), 1_000 + age)).toBe(text);
  });

  it("says only what is known of a visitor", () => {
    expect(place({ country: "DE", region: "", city: "Berlin" })).toBe("Berlin, Germany");
    expect(place({ country: "", region: "", city: "" })).toBe("unknown place");
    expect(client({ browser: "Chrome 156", os: "", device: "desktop" })).toBe("Chrome 156 · desktop");
  });
});
