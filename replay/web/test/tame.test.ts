import { EventType, type eventWithTime, IncrementalSource, NodeType } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { Tamer } from "../tame";

const U = "https://evil.example/";

function element(id: number, tagName: string, attributes: object, ...childNodes: object[]): object {
  return { type: NodeType.Element, id, tagName, attributes, childNodes };
}

function snapshot(...nodes: object[]): eventWithTime {
  const node = { type: NodeType.Document, id: 1, childNodes: nodes };
  return { type: EventType.FullSnapshot, data: { node, initialOffset: {} }, timestamp: 1 } as unknown as eventWithTime;
}

function changed(id: number, attributes: object): eventWithTime {
  const data = { source: IncrementalSource.Mutation, adds: [], removes: [], texts: [], attributes: [{ id, attributes }] };
  return { type: EventType.IncrementalSnapshot, data, timestamp: 2 } as unknown as eventWithTime;
}

describe("what would open a connection", () => {
  it.each([
    ["iframe", { src: U, SRCDOC: U, width: "9" }, { width: "9" }],
    ["IFRAME", { src: U }, {}],
    ["object", { data: U, codebase: U }, {}],
    ["embed", { src: U }, {}],
    ["link", { rel: "preconnect", href: U }, { rel: "preconnect" }],
    ["link", { rel: "stylesheet", _cssText: "p {}" }, { rel: "stylesheet", _cssText: "p {}" }],
    ["meta", { "http-equiv": "refresh", content: U }, { content: U }],
    ["base", { href: U }, {}],
    ["a", { href: U, ping: U, class: "x" }, { href: "#", class: "x" }],
    ["a", { href: "#part" }, { href: "#part" }],
    ["svg:a", { "xlink:href": U }, { "xlink:href": "#" }],
    ["img", { src: "data:,", attributionsrc: U }, { src: "data:," }],
  ])("goes from %s %o", (tag, given, left) => {
    for (const put of [
      (node: object) => snapshot(element(2, "div", {}, node)),
      (node: object) => {
        const event = changed(9, {});
        (event.data as unknown as { adds: object[] }).adds = [{ node: { type: NodeType.Document, childNodes: [node] } }];
        return event;
      },
    ]) {
      const node = element(3, tag, { ...given }) as { attributes: object };
      new Tamer().tame(put(node));
      expect(node.attributes).toEqual(left);
    }
  });

  it("goes from a later change of the same element, and not of another one", () => {
    const tamer = new Tamer();
    tamer.tame(snapshot(element(2, "iframe", {}), element(3, "img", {})));
    const [frame, image] = [{ src: U }, { src: U }];
    tamer.tame(changed(2, frame));
    tamer.tame(changed(3, image));
    expect([frame, image]).toEqual([{}, { src: U }]);
    tamer.tame(snapshot(element(2, "img", {})));
    const again = { src: U };
    tamer.tame(changed(2, again));
    expect(again).toEqual({ src: U });
  });

  it("is taken out however deep the page is nested", () => {
    let node = element(3, "iframe", { src: U }) as { attributes: object };
    const innermost = node;
    for (let id = 4; id < 20_000; id += 1) node = element(id, "div", {}, node) as typeof node;
    new Tamer().tame(snapshot(node));
    expect(innermost.attributes).toEqual({});
  });

  it("is not in events the player has no use for, nor in commands of a canvas", () => {
    const asset = { type: 7, data: { url: U }, timestamp: 1 } as unknown as eventWithTime;
    expect(new Tamer().tame(asset)).toBeNull();
    const data = { source: IncrementalSource.CanvasMutation, id: 2, type: 0, property: "drawImage", args: [{ src: U }] };
    const canvas = { type: EventType.IncrementalSnapshot, data, timestamp: 1 } as unknown as eventWithTime;
    expect(JSON.stringify(new Tamer().tame(canvas))).not.toContain(U);
  });
});
