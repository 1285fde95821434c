import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fnv1a32, isSampled, samplingBucket } from "../src/sampling";

const SESSION = "01890a5d-ac96-774b-bcce-b302099a8057";
/** The values the server is tested against too. */
const VECTORS = JSON.parse(readFileSync("schemas/examples/sampling.json", "utf8")) as {
  session_id: string;
  fnv1a32: number;
  bucket: number;
}[];

describe("sampling", () => {
  // The published FNV-1a 32 vectors: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("hashes %j as FNV-1a does", (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });

  it.each(VECTORS)("agrees with the server on $session_id", ({ session_id, fnv1a32: hash, bucket }) => {
    expect(fnv1a32(session_id.toLowerCase())).toBe(hash);
    expect(samplingBucket(session_id)).toBe(bucket);
  });

  it("ignores the case of the session id", () => {
    expect(samplingBucket(SESSION.toUpperCase())).toBe(samplingBucket(SESSION));
  });

  it("keeps every session at 100 % and none at 0 %", () => {
    expect(isSampled(SESSION, 100)).toBe(true);
    expect(isSampled(SESSION, 0)).toBe(false);
  });

  it("keeps a session only when its bucket lies below the rate", () => {
    const bucket = samplingBucket(SESSION);
    expect(isSampled(SESSION, bucket / 100)).toBe(false);
    expect(isSampled(SESSION, (bucket + 1) / 100)).toBe(true);
  });
});
