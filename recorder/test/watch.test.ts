// @vitest-environment jsdom
import { EventType, type eventWithTime, IncrementalSource, type mutationData } from "@rrweb/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Mirror, Roots } from "../src/roots";
import { Watch, watchedOf } from "../src/watch";
import { mutation } from "./rrweb_events";

/** A mirror that knows every node it is asked to know. */
class KnowingMirror implements Mirror {
  private readonly nodes: Node[] = [];

  know(node: Node): number {
    return this.nodes.push(node);
  }

  getId(node: Node | null): number {
    return node === null ? -1 : this.nodes.indexOf(node) + 1 || -1;
  }

  getNode(id: number): Node | null {
    return this.nodes[id - 1] ?? null;
  }
}

let mirror: KnowingMirror;
let told: mutationData[];
let watch: Watch;
let roots: Roots;

const element = (html: string, parent: ParentNode & Node = document.body): Element => {
  const template = document.createElement("template");
  template.innerHTML = html;
  const made = document.importNode(template.content, true).firstElementChild as Element;
  parent.appendChild(made);
  mirror.know(made);
  return made;
};

const snapshotOf = (...nodes: object[]): eventWithTime =>
  ({
    type: EventType.FullSnapshot,
    timestamp: 0,
    data: { node: { type: 0, id: mirror.know(document), childNodes: nodes }, initialOffset: { left: 0, top: 0 } },
  }) as eventWithTime;

beforeEach(() => {
  document.body.innerHTML = "";
  mirror = new KnowingMirror();
  told = [];
  watch = new Watch(
    mirror,
    (event) => {
      told.push((event as { data: mutationData }).data);
    },
    MutationObserver,
  );
  roots = new Roots(mirror, [watch]);
  watch.enter(document);
  watch.watch([".rr-block", "#vault", "[data-private]", "[data-Mixed]", ".a\\3a b"]);
});

afterEach(() => watch.reset());

describe("watchedOf", () => {
  it("reads classes, ids and attributes as the gateway escapes them, and passes over anything else", () => {
    const watched = watchedOf([".a\\3a b", ".\\32 xl", ".\\-", "#Vault", "[data-x]", "div", "", "[broken", ".é"]);
    expect([...watched.classes]).toEqual(["a:b", "2xl", "-", "é"]);
    expect([...watched.ids]).toEqual(["vault"]);
    expect([...watched.attributes]).toEqual(["data-x"]);
  });
});

describe("Watch", () => {
  it("tells a mark that comes late before the next event, with the whole value of the attribute", () => {
    const box = element('<div class="card"><p>deep</p></div>');
    box.classList.add("rr-block");
    expect(told).toEqual([]);
    watch.before();
    expect(told).toEqual([
      {
        source: IncrementalSource.Mutation,
        texts: [],
        removes: [],
        adds: [],
        attributes: [{ id: mirror.getId(box), attributes: { class: "card rr-block" } }],
      },
    ]);
  });

  it("tells it by itself when nothing follows", async () => {
    const box = element("<div></div>");
    box.className = "rr-block";
    await Promise.resolve();
    expect(told).toHaveLength(1);
  });

  it.each([
    ["a class with a sign of CSS in it", (box: Element) => box.classList.add("a:b"), { class: "a:b" }],
    ["a class in other letters, as documents in quirks mode compare", (box: Element) => box.classList.add("RR-Block"), { class: "RR-Block" }],
    ["an id", (box: Element) => (box.id = "vault"), { id: "vault" }],
    ["an attribute", (box: Element) => box.setAttribute("data-private", ""), { "data-private": "" }],
    ["an attribute whose rule has capitals", (box: Element) => box.setAttribute("data-mixed", "1"), { "data-mixed": "1" }],
  ])("tells %s", (_, change, attributes) => {
    const box = element("<div></div>");
    change(box);
    watch.before();
    expect(told.flatMap((data) => data.attributes)).toEqual([{ id: mirror.getId(box), attributes }]);
  });

  it("tells that an attribute is gone, which `:not([…])` depends on", () => {
    const box = element("<div data-private></div>");
    box.removeAttribute("data-private");
    watch.before();
    expect(told[0]?.attributes).toEqual([{ id: mirror.getId(box), attributes: { "data-private": null } }]);
  });

  it("says nothing of classes that no rule names, of what rrweb does not know, and of what was taken back", () => {
    const box = element("<div></div>");
    box.classList.add("open", "rr-blocked");
    box.id = "main";
    const unknown = document.body.appendChild(document.createElement("div"));
    unknown.className = "rr-block";
    const other = element("<div></div>");
    other.classList.add("rr-block");
    other.classList.remove("rr-block");
    watch.before();
    expect(told).toEqual([]);
  });

  it("follows into shadow trees, those of a snapshot and those that come later", () => {
    const host = element("<div></div>");
    const inner = element("<p></p>", host.attachShadow({ mode: "open" }));
    roots.after(
      snapshotOf({ type: 2, id: mirror.getId(host), tagName: "div", attributes: {}, childNodes: [], isShadowHost: true }),
    );
    inner.className = "rr-block";
    watch.before();
    expect(told).toHaveLength(1);

    const late = element("<div></div>");
    const deep = element("<p></p>", late.attachShadow({ mode: "open" }));
    const added = mutation() as { data: mutationData };
    added.data.adds = [
      {
        parentId: mirror.getId(late),
        nextId: null,
        node: { type: 2, id: mirror.getId(deep), tagName: "p", attributes: {}, childNodes: [], isShadow: true },
      },
    ];
    roots.after(added as eventWithTime);
    deep.id = "vault";
    watch.before();
    expect(told).toHaveLength(2);
  });

  it("follows into frames, and lets go of those that a new snapshot does not have", () => {
    const frame = element("<iframe></iframe>") as HTMLIFrameElement;
    const inside = frame.contentDocument as Document;
    const box = element("<div></div>", inside.body);
    const attached = mutation() as { data: mutationData };
    attached.data.adds = [
      { parentId: mirror.getId(frame), nextId: null, node: { type: 0, id: mirror.know(inside), childNodes: [] } },
    ];
    roots.after(attached as eventWithTime);
    box.className = "rr-block";
    watch.before();
    expect(told).toHaveLength(1);
    roots.after(snapshotOf());
    box.className = "";
    watch.before();
    expect(told).toHaveLength(1);
  });

  it("watches something else from the moment it is told to", () => {
    const box = element("<div></div>");
    watch.watch([".secret"]);
    box.className = "rr-block";
    watch.before();
    expect(told).toEqual([]);
    box.className = "secret";
    watch.before();
    expect(told).toHaveLength(1);
  });
});
