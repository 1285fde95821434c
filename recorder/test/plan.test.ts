import { describe, expect, it } from "vitest";
import { CAUTIOUS } from "../src/config";
import { planOf, wishesOf } from "../src/plan";

const ALL = { console: true, network: true, canvas: true, pictures: true };

describe("planOf", () => {
  it("masks what people type, and what they choose only where the project's word cannot be had", () => {
    const typed = planOf({}, CAUTIOUS, false).rrweb.maskInputOptions;
    expect(typed).toMatchObject({ text: true, textarea: true, password: true, tel: true });
    expect(typed).not.toHaveProperty("select");
    expect(planOf({}, CAUTIOUS, true).rrweb.maskInputOptions).toMatchObject({ text: true, select: true });
    expect(planOf({}, { ...CAUTIOUS, maskInputs: false }, false).rrweb.maskInputOptions).toEqual({ password: true });
  });

  it("captures pixels only where page and project agree", () => {
    const page = { capture: ["canvas", "pictures"] } as const;
    expect(planOf(page, CAUTIOUS, false).rrweb).not.toHaveProperty("recordCanvas");
    expect(planOf({}, { ...CAUTIOUS, capture: ALL }, false).rrweb).not.toHaveProperty("inlineImages");
    expect(planOf(page, { ...CAUTIOUS, capture: ALL }, false).rrweb).toMatchObject({ recordCanvas: true, inlineImages: true });
  });

  it("takes the page's share of sessions and its options of rrweb before the project's", () => {
    const config = { ...CAUTIOUS, samplePercent: 20 };
    expect(planOf({}, config, false).samplePercent).toBe(20);
    const rrweb = { maskInputOptions: { email: true } };
    const plan = planOf({ samplePercent: 5, rrweb }, config, false);
    expect([plan.samplePercent, plan.rrweb.maskInputOptions]).toEqual([5, { email: true }]);
  });

  it("reads wishes as words", () => {
    expect(wishesOf(" network  console pixels")).toEqual(["console", "network"]);
    expect(wishesOf("")).toEqual([]);
  });
});
