import { type eventWithTime, IncrementalSource } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { AdoptedSheets } from "../adopted";
import { Canvases } from "../canvases";
import { CustomElements } from "../custom_elements";
import { pixels, placeholder } from "../placeholder";
import { Rewriter } from "../rewrite";
import { replayed, Sheets } from "../sheets";
import { openAt } from "../top_layer";
import { Unseen } from "../unseen";
import { added, element, incremental, meta, mutation, snapshot, text } from "./events";

const U = "https://cdn.example/";
const plain = (events: eventWithTime[]) => JSON.parse(JSON.stringify(events.map(({ data }) => data)));
const adopts = (id: number, at: number, styles: object = {}) =>
  incremental(IncrementalSource.AdoptedStyleSheet, { id, styleIds: [7], ...styles }, at);
const SHEET = { styles: [{ styleId: 7, rules: [{ rule: "b {}" }] }] };
const source = IncrementalSource.AdoptedStyleSheet;

describe("adopted style sheets", () => {
  it("that come before their shadow root are made on the document, and adopted when it is there", () => {
    const sheets = new AdoptedSheets();
    sheets.rewrite(snapshot(1, element(8, "x-a")));
    expect(plain(sheets.rewrite(adopts(8, 2, SHEET)))).toEqual([{ source, id: 1, styleIds: [], ...SHEET }]);
    const root = added(3, 8, { ...element(9, "b"), isShadow: true });
    expect(sheets.rewrite(root)).toEqual([root, expect.objectContaining({ timestamp: 3 })]);
    expect(plain(sheets.rewrite(added(4, 8, { ...element(10, "b"), isShadow: true })))).toHaveLength(1);
  });

  it("keep what the document has adopted, also a frame's", () => {
    const sheets = new AdoptedSheets();
    sheets.rewrite(snapshot(1, element(2, "iframe")));
    const host = { ...element(21, "x-a"), rootId: 20 };
    sheets.rewrite(added(2, 2, { type: 0, id: 20, childNodes: [host] }));
    sheets.rewrite(incremental(source, { id: 20, styleIds: [3] }, 3));
    expect(plain(sheets.rewrite(adopts(21, 4, SHEET)))).toEqual([{ source, id: 20, styleIds: [3], ...SHEET }]);
  });

  it("are left alone where the root is there, and come again with an element that is put back", () => {
    const sheets = new AdoptedSheets();
    sheets.rewrite(snapshot(1, { ...element(8, "x-a"), isShadowHost: true }));
    const event = adopts(8, 2, SHEET);
    expect(sheets.rewrite(event)).toEqual([event]);
    const back = added(3, 5, { ...element(8, "x-a"), isShadowHost: true });
    expect(plain(sheets.rewrite(back))[1]).toEqual({ source, id: 8, styleIds: [7] });
  });
});

describe("custom elements", () => {
  const define = (name: string, at: number) => incremental(IncrementalSource.CustomElement, { define: { name } }, at);
  it("are marked until they are defined, in order, and not when they were", () => {
    const elements = new CustomElements();
    const [late, done] = [element(8, "x-late"), { ...element(9, "x-done"), isCustom: true }];
    expect(elements.rewrite(snapshot(1, late, done))).toEqual([]);
    expect([late.attributes, done.attributes]).toEqual([{ "rr-undefined": "" }, {}]);
    const told = plain(elements.rewrite(define("x-late", 5)));
    expect(told[0].attributes).toEqual([{ id: 8, attributes: { "rr-undefined": null } }]);
    const after = element(10, "x-late");
    elements.rewrite(added(6, 5, after));
    expect(after.attributes).toEqual({});
    const again = element(8, "x-late");
    elements.rewrite(snapshot(7, again));
    expect(again.attributes).toEqual({ "rr-undefined": "" });
  });
});

describe("style", () => {
  it.each([
    [":not(:defined){x:y}", ":not(:not([rr-undefined])){x:y}"],
    [".a\\:defined{}", ".a\\:defined{}"],
    ["a:defined-not{}", "a:defined-not{}"],
    ["@media ( prefers-color-scheme:DARK ){}", "@media (max-width: 0px){}"],
    ["@media (prefers-color-scheme: light){}", "@media (min-width: 0px){}"],
    [":root{color-scheme: light dark}", ":root{color-scheme: light}"],
    [":root{color-scheme: dark}", ":root{color-scheme: dark}"],
  ])("%s is replayed as %s", (given, wanted) => {
    expect(replayed(given)).toBe(wanted);
  });

  it("is rewritten wherever it comes from", () => {
    const sheets = new Sheets();
    const texts = [text(3, "a:defined{}"), text(4, "in words :defined")] as const;
    const events = [
      snapshot(1, element(2, "style", {}, texts[0]), element(5, "p", {}, texts[1]), element(6, "link", { _cssText: ":defined{}" })),
      mutation(2, { texts: [{ id: 3, value: "b:defined{}" }], attributes: [{ id: 6, attributes: { _cssText: "c:defined{}" } }] }),
      incremental(IncrementalSource.StyleSheetRule, { id: 2, adds: [{ rule: "d:defined{}" }], replaceSync: "e:defined{}" }, 3),
      adopts(1, 4, { styles: [{ styleId: 7, rules: [{ rule: "f:defined{}" }] }] }),
    ];
    for (const event of events) sheets.rewrite(event);
    const whole = JSON.stringify(events);
    expect(whole.match(/:not\(\[rr-undefined\]\)/g)).toHaveLength(7);
    expect(whole).toContain("in words :defined");
  });
});

describe("what a recording does not hold", () => {
  const rewritten = (...nodes: object[]) => {
    const unseen = new Unseen(new Canvases());
    unseen.rewrite(meta("https://shop.example/a#top", 0));
    unseen.rewrite(snapshot(1, ...nodes));
    return unseen;
  };

  it.each([
    ["picture", "img", { src: `${U}a.png`, width: "120", height: "60" }],
    ["picture", "img", { srcset: `${U}a.png 2x` }],
    ["picture", "input", { type: "image", src: `${U}a.png` }],
    ["picture", "image", { "xlink:href": `${U}a.png` }],
    ["sprite", "use", { href: `${U}a.svg#x` }],
    ["canvas", "canvas", { width: "9" }],
    ["frame", "iframe", { rr_src: U }],
    ["video", "video", { src: `${U}v.mp4`, poster: `${U}p.png` }],
    ["sound", "audio", { src: `${U}s.mp3` }],
    ["sheet", "link", { rel: "Stylesheet", href: `${U}s.css` }],
    ["embedded", "object", { data: `${U}x.pdf` }],
  ])("is counted as %s (%s %o)", (kind, tag, attributes) => {
    expect([...rewritten(element(8, tag, attributes)).counts()]).toEqual([[kind, 1]]);
  });

  it.each([
    ["img", { src: "data:image/png;base64,AA==" }],
    ["img", { src: `${U}a.png`, rr_dataURL: "data:image/webp;base64,AA==" }],
    ["img", { alt: "none" }],
    ["canvas", { rr_dataURL: "data:image/png;base64,AA==" }],
    ["use", { href: "#x" }],
    ["use", { href: "https://shop.example/a#x" }],
    ["iframe", {}],
    ["link", { rel: "stylesheet", _cssText: "p {}" }],
    ["link", { rel: "icon", href: U }],
  ])("is not %s %o", (tag, attributes) => {
    expect([...rewritten(element(8, tag, attributes)).counts()]).toEqual([]);
  });

  it("has a box of its size in its place, also when it changes, and asks nobody", () => {
    const picture = element(8, "img", { src: `${U}a.png`, width: "120", height: "60" });
    const unseen = rewritten(picture);
    expect(decodeURIComponent(String(picture.attributes?.["src"]))).toMatch(/^data:.*width="120" height="60"/);
    const next = { src: `${U}b.png`, height: "90" };
    unseen.rewrite(mutation(2, { attributes: [{ id: 8, attributes: next }] }));
    expect(decodeURIComponent(next.src)).toMatch(/^data:.*width="120" height="90"/);
  });

  it("ends when a frame's document or a style sheet's text comes", () => {
    const unseen = rewritten(element(8, "iframe", { rr_src: U }), element(9, "link", { rel: "stylesheet", href: U }));
    const told = unseen.rewrite(added(2, 8, { type: 0, id: 20, childNodes: [] }));
    expect(plain(told)[0].attributes[0].id).toBe(8);
    unseen.rewrite(mutation(3, { attributes: [{ id: 9, attributes: { _cssText: "p {}" } }] }));
    expect([...unseen.counts()]).toEqual([]);
  });

  it("keeps a canvas's box over changes of its style", () => {
    const unseen = rewritten(element(8, "canvas", { width: "50", height: "40", style: "color:red" }));
    const next = { style: "color:blue" };
    unseen.rewrite(mutation(2, { attributes: [{ id: 8, attributes: next }] }));
    expect(next.style).toMatch(/^color:blue;content:url\("data:image\/svg\+xml,[^"() ;]*"\) !important$/);
  });

  it("is drawn without a way out of the picture", () => {
    const words = placeholder(`Picture "/><image href='${U}'/>&amp; ${"\u0000"}`, 400, 40);
    expect(decodeURIComponent(words)).not.toMatch(/<image|href='/);
    expect([pixels("12"), pixels("12px"), pixels("12%"), pixels("999999"), pixels(null)]).toEqual([12, 12, null, 16_384, null]);
  });

  it("is not played", async () => {
    const rewriter = new Rewriter();
    await rewriter.rewrite(snapshot(1, element(8, "video", { src: U }), element(9, "audio", { src: "data:audio/wav;base64,AA==" })));
    const play = (id: number) => incremental(IncrementalSource.MediaInteraction, { type: 0, id }, 2);
    expect([await rewriter.rewrite(play(8)), (await rewriter.rewrite(play(9))).length]).toEqual([[], 1]);
  });

  it("leaves no address that is loaded in any event", async () => {
    const rewriter = new Rewriter();
    const nodes = [element(8, "img", { src: U }), element(9, "iframe", { rr_src: "x", src: U }), element(10, "use", { href: U })];
    const events = await rewriter.rewrite(snapshot(1, ...nodes));
    expect(JSON.stringify(events)).not.toContain(U);
  });
});

describe("the top layer", () => {
  const change = (at: number, id: number, open: boolean) => ({ at, id, kind: "popover", open });
  it("is what was opened last since the snapshot, the newest above", () => {
    const changes = [change(10, 1, true), change(20, 2, true), change(30, 1, false), change(40, 1, true)];
    const ids = (at: number, snapshots: number[] = [0]) => [...openAt(changes, snapshots, at).keys()];
    expect([ids(5), ids(25), ids(35), ids(45)]).toEqual([[], [1, 2], [2], [2, 1]]);
    expect(ids(25, [0, 15])).toEqual([2]);
  });
});
