// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { from, stringify } from "../src/natives";

const given = { a: [1, [2, { b: "x\"y" }], undefined, null], c: undefined, d: () => 1, e: { f: true }, g: NaN };
const right = JSON.stringify(given);

afterEach(() => {
  delete (Array.prototype as { toJSON?: unknown }).toJSON;
  delete (Object.prototype as { toJSON?: unknown }).toJSON;
});

describe("stringify", () => {
  it("writes what JSON.stringify does", () => {
    expect(stringify(given)).toBe(right);
  });

  it.each([
    ["Array", Array.prototype],
    ["Object", Object.prototype],
  ])("is not changed by a toJSON of %s.prototype, also one that cannot be removed", (_, prototype) => {
    Object.defineProperty(prototype, "toJSON", { value: () => "spoiled", configurable: true, writable: false });
    const [spoiled, ours] = [JSON.stringify([1]), stringify(given)];
    // The test runner writes JSON too.
    delete (prototype as { toJSON?: unknown }).toJSON;
    expect([spoiled, ours]).toEqual(['"spoiled"', right]);
  });

  it("is taken from a window of its own where the page replaced JSON.stringify, and leaves nothing behind", async () => {
    vi.resetModules();
    const contentWindow = { JSON: { stringify: JSON.stringify }, Date, performance };
    const frame = { contentWindow, remove: vi.fn() };
    vi.spyOn(document, "createElement").mockReturnValue(Object.assign(document.createElement("i"), frame));
    vi.spyOn(JSON, "stringify").mockReturnValue("spoiled");
    const fresh = await import("../src/natives");
    expect(fresh.stringify(given)).toBe(right);
    expect(frame.remove).toHaveBeenCalled();
  });
});

describe("from", () => {
  it("takes iterables and lists, with a function or without", () => {
    expect(from(new Set([1, 2]))).toEqual([1, 2]);
    expect(from({ length: 2, 0: "a", 1: "b" })).toEqual(["a", "b"]);
    expect(from([1, 2], (item, at) => item * 10 + at)).toEqual([10, 21]);
  });
});
