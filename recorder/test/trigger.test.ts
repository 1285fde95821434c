import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Unit } from "../src/buffer";
import type { PageLoad } from "../src/payload";
import type { Outlet } from "../src/sender";
import { HELD_MS, HELD_SIZE, Trigger } from "../src/trigger";
import { MemoryStorage } from "./memory_storage";

const unit = (name: string, length = 0): Unit => ({ json: name + "x".repeat(length), keyframe: false });
const keyframe = (name: string, length = 0): Unit => ({ json: name + "x".repeat(length), keyframe: true });
const load = (session = "s"): PageLoad => ({ session, page: "p", nextSeq: 0 });

/** What a page at this address would get, with what was sent in the order it came. */
function setUp(words: string, storage = new MemoryStorage(), href = "https://shop.test/cart?step=2") {
  const sent: string[] = [];
  const next: Outlet = {
    enqueue: (_, units) => void sent.push(...units.map(({ json }) => json.replace(/x+$/, ""))),
    lose: (_, reason) => void sent.push(reason),
    sendBeforeHide: vi.fn(),
    discard: vi.fn(),
  };
  const target = new EventTarget();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("location", new URL(href));
  const onSnapshotNeeded = vi.fn();
  const trigger = new Trigger(words, next, storage, onSnapshotNeeded);
  trigger.listen(new AbortController().signal);
  return { trigger, sent, next, target, onSnapshotNeeded, storage };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("trigger", () => {
  it("sends from a snapshot on when it fires, and everything after", () => {
    const { trigger, sent } = setUp("");
    const page = load();
    trigger.enqueue(page, [unit("before any snapshot"), keyframe("first"), unit("a")], null);
    trigger.enqueue(page, [unit("b")], null);
    trigger.lose(page, "too_busy", 1);
    expect(sent).toEqual([]);
    trigger.fire();
    trigger.fire();
    trigger.enqueue(page, [unit("c")], null);
    expect(sent).toEqual(["first", "a", "b", "too_busy", "c"]);
  });

  it("fires at an error and at a rejection that nobody handles, where it is told to", () => {
    for (const kind of ["error", "unhandledrejection"]) {
      const { trigger, sent, target } = setUp("error");
      trigger.enqueue(load(), [keyframe("first")], null);
      target.dispatchEvent(new Event(kind));
      expect(sent).toEqual(["first"]);
      const deaf = setUp("/checkout");
      deaf.trigger.enqueue(load(), [keyframe("first")], null);
      deaf.target.dispatchEvent(new Event(kind));
      expect(deaf.sent).toEqual([]);
    }
  });

  it.each([
    ["/cart*", true],
    ["/cart", false],
    ["/cart?step=2", true],
    ["https://shop.test/*", true],
    ["*step=2", true],
    ["/other /c*2", true],
    ["/c.rt?step=2", false],
    ["https://shop.test/", false],
  ])("of %j fires: %s", (words, fires) => {
    const { trigger, sent } = setUp(words);
    trigger.enqueue(load(), [keyframe("first")], null);
    expect(sent.length > 0).toBe(fires);
  });

  it("goes on for the session it fired in, on later pages too, and for no other", () => {
    const first = setUp("");
    first.trigger.enqueue(load("one"), [keyframe("a")], null);
    first.trigger.fire();
    const same = setUp("", first.storage);
    same.trigger.enqueue(load("one"), [keyframe("b")], null);
    expect(same.sent).toEqual(["b"]);
    const other = setUp("", first.storage);
    other.trigger.enqueue(load("two"), [keyframe("c")], null);
    expect(other.sent).toEqual([]);
  });

  it("holds what is older only as long as no snapshot old enough follows it", () => {
    const { trigger, sent } = setUp("");
    const page = load();
    trigger.enqueue(page, [keyframe("old")], null);
    vi.setSystemTime(HELD_MS);
    trigger.enqueue(page, [keyframe("middle")], null);
    vi.setSystemTime(2 * HELD_MS);
    trigger.enqueue(page, [keyframe("new")], null);
    trigger.enqueue(page, [unit("change")], null);
    trigger.fire();
    expect(sent).toEqual(["middle", "new", "change"]);
  });

  it("is bounded in size, and begins anew with a snapshot, but does not ask for one too large again", () => {
    const { trigger, sent, onSnapshotNeeded } = setUp("");
    const page = load();
    trigger.enqueue(page, [keyframe("large", HELD_SIZE / 2)], null);
    trigger.enqueue(page, [keyframe("later", HELD_SIZE / 2)], null);
    trigger.enqueue(page, [unit("a", HELD_SIZE / 2)], null);
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
    trigger.enqueue(page, [unit("without a snapshot")], null);
    trigger.enqueue(page, [keyframe("too large", HELD_SIZE + 1)], null);
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
    trigger.enqueue(page, [keyframe("at last")], null);
    trigger.fire();
    expect(sent).toEqual(["at last"]);
  });

  it("sends nothing of a page that is left before it fired", () => {
    const { trigger, sent, next } = setUp("");
    trigger.enqueue(load(), [keyframe("a")], null);
    trigger.sendBeforeHide();
    trigger.sendBeforeHide(true);
    trigger.fire();
    expect(sent).toEqual([]);
    expect(next.sendBeforeHide).not.toHaveBeenCalled();
    trigger.sendBeforeHide(true);
    expect(next.sendBeforeHide).toHaveBeenCalledExactlyOnceWith(true);
  });
});
