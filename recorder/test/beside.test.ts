// @vitest-environment jsdom
import { EventType, type eventWithTime, IncrementalSource, type serializedElementNodeWithId } from "@rrweb/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Defined } from "../src/defined";
import { ForeignSheets } from "../src/foreign";
import type { Mirror } from "../src/roots";
import { SHEET_BYTES, Sheets } from "../src/sheets";
import { TopLayer } from "../src/top_layer";
import { until } from "./until";

const nodes: Node[] = [];
const mirror: Mirror = {
  getId: (node) => (node === null ? -1 : nodes.indexOf(node) + 1 || -1),
  getNode: (id) => nodes[id - 1] ?? null,
};
let told: eventWithTime[];
const tell = (event: eventWithTime): void => void told.push(event);

/** An element of the page as rrweb tells of it. */
function known(html: string): { element: HTMLElement; node: serializedElementNodeWithId } {
  document.body.insertAdjacentHTML("beforeend", html);
  const element = document.body.lastElementChild as HTMLElement;
  const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  const node = { type: 2, id: nodes.push(element), tagName: element.localName, attributes, childNodes: [] } as const;
  return { element, node: { ...node, childNodes: [] } };
}

const snapshotOf = (...childNodes: serializedElementNodeWithId[]): eventWithTime => ({
  type: EventType.FullSnapshot,
  timestamp: 7,
  data: { node: { type: 0, id: 999, childNodes }, initialOffset: { left: 0, top: 0 } },
});

beforeEach(() => {
  document.body.innerHTML = "";
  nodes.length = 0;
  told = [];
});
afterEach(() => vi.restoreAllMocks());

describe("TopLayer", () => {
  const toggle = (element: Element, newState: string): void => {
    element.dispatchEvent(Object.assign(new Event("toggle"), { newState }));
  };

  it("tells of popovers that open and close, and not of other things that toggle", () => {
    const layer = new TopLayer(mirror, tell);
    layer.enter(document);
    const { element } = known("<div></div>");
    const details = known("<details></details>").element;
    Object.assign(element, { popover: "auto" });
    toggle(element, "open");
    toggle(details, "open");
    toggle(element, "closed");
    const payloads = told.map((event) => (event.data as { payload: object }).payload);
    expect(payloads).toEqual([
      { id: 1, kind: "popover", open: true },
      { id: 1, kind: "popover", open: false },
    ]);
    layer.reset();
    toggle(element, "open");
    expect(told).toHaveLength(2);
  });

  it("tells what fills the screen, and that it does so no more", () => {
    const layer = new TopLayer(mirror, tell);
    layer.enter(document);
    const { element } = known("<video></video>");
    const fill = (full: Element | null): void => {
      Object.defineProperty(document, "fullscreenElement", { value: full, configurable: true });
      document.dispatchEvent(new Event("fullscreenchange"));
    };
    fill(element);
    fill(null);
    expect(told.map((event) => (event.data as { payload: object }).payload)).toEqual([
      { id: 1, kind: "fullscreen", open: true },
      { id: 1, kind: "fullscreen", open: false },
    ]);
    layer.reset();
  });
});

describe("Defined", () => {
  it("tells once for each snapshot which custom elements of it are defined", () => {
    customElements.define("x-known", class extends HTMLElement {});
    const { node } = known("<x-known></x-known>");
    const unknown = known("<x-unknown></x-unknown>").node;
    const defined = new Defined(mirror, tell);
    defined.after(snapshotOf(node, node, unknown));
    defined.after(snapshotOf(node));
    expect(told.map((event) => event.data)).toEqual(
      Array(2).fill({ source: IncrementalSource.CustomElement, define: { name: "x-known" } }),
    );
  });
});

describe("style sheets of other hosts", () => {
  const answer = (text: string, type = "text/css"): Response => new Response(text, { headers: { "Content-Type": type } });
  const link = () => known('<link rel="stylesheet" href="https://cdn.test/a.css">').node;

  function setUp(respond: (address: string) => Response, hidden = "") {
    const fetch = vi.fn(async (address: string) => respond(address));
    const foreign = new ForeignSheets(() => undefined);
    foreign.use(new Sheets(mirror, fetch as unknown as typeof globalThis.fetch, tell, hidden));
    return { fetch, foreign };
  }

  it("are told when they come, with all they import, and are part of the next snapshot", async () => {
    const texts: Record<string, string> = { "/a.css": "@import 'b.css' print; p{}", "/b.css": "b{}" };
    const { fetch, foreign } = setUp((address) => answer(texts[new URL(address).pathname] ?? ""));
    const node = link();
    foreign.before(snapshotOf(node));
    expect(node.attributes).not.toHaveProperty("_cssText");
    await until(() => expect(told).toHaveLength(1));
    const text = "@media print{b{}}\n p{}";
    expect(told[0]?.data).toMatchObject({ attributes: [{ id: node.id, attributes: { _cssText: text } }] });
    expect(fetch.mock.calls[0]?.[1 as 0]).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
    const again = { ...node, attributes: { rel: "stylesheet", href: "https://cdn.test/a.css" } };
    foreign.before(snapshotOf(again));
    expect(again.attributes).toEqual({ _cssText: text });
  });

  it.each([
    ["of this origin", `<link rel="stylesheet" href="${location.origin}/a.css">`],
    ["asked for with CORS", '<link rel="stylesheet" crossorigin href="https://cdn.test/a.css">'],
    ["that are alternatives", '<link rel="alternate stylesheet" href="https://cdn.test/a.css">'],
    ["that are none", '<link rel="icon" href="https://cdn.test/a.css">'],
  ])("are not fetched: those %s", (_, html) => {
    const { fetch, foreign } = setUp(() => answer("p{}"));
    foreign.before(snapshotOf(known(html).node));
    expect(fetch).not.toHaveBeenCalled();
  });

  it("are not fetched inside what the policy hides", () => {
    const { fetch, foreign } = setUp(() => answer("p{}"), ".rr-mask,.rr-block");
    const { element } = known('<div class="rr-mask"><link rel="stylesheet" href="https://cdn.test/a.css"></div>');
    const inside = element.firstElementChild as Element;
    const attributes = { rel: "stylesheet", href: "https://cdn.test/a.css" };
    foreign.before(snapshotOf({ type: 2, id: nodes.push(inside), tagName: "link", attributes, childNodes: [] }));
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    ["another kind of file", () => answer("<html>", "text/html")],
    ["more than a sheet may have", () => answer("x".repeat(SHEET_BYTES + 1))],
    ["a refusal", () => new Response("p{}", { status: 403 })],
  ])("are left as links after %s", async (_, respond) => {
    const { fetch, foreign } = setUp(respond);
    const node = link();
    foreign.before(snapshotOf(node));
    await until(() => expect(fetch).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 20));
    foreign.before(snapshotOf(node));
    expect(told).toEqual([]);
    expect(node.attributes.href).toBe("https://cdn.test/a.css");
    expect(fetch).toHaveBeenCalledOnce();
  });
});
