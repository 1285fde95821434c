import { describe, expect, it, vi } from "vitest";
import type { Unit } from "../src/buffer";
import type { PageLoad } from "../src/payload";
import { Waiting, WAITING_SIZE } from "../src/waiting";

const PAGE: PageLoad = { session: "s", page: "p", nextSeq: 0 };
const unit = (json: string): Unit[] => [{ json, keyframe: false }];

function setUp() {
  const next = { enqueue: vi.fn(), lose: vi.fn(), sendBeforeHide: vi.fn(), discard: vi.fn() };
  const onSnapshotNeeded = vi.fn();
  return { next, onSnapshotNeeded, waiting: new Waiting(next, onSnapshotNeeded) };
}

describe("Waiting", () => {
  it("sends nothing until it is opened, then all of it in order, then everything at once", () => {
    const { next, waiting } = setUp();
    waiting.enqueue(PAGE, unit("1"), null);
    waiting.lose(PAGE, "too_busy", 1);
    waiting.enqueue(PAGE, unit("2"), "ada");
    waiting.sendBeforeHide(false);
    expect(next.enqueue).not.toHaveBeenCalled();
    expect(next.sendBeforeHide).not.toHaveBeenCalled();
    waiting.open();
    waiting.open();
    waiting.enqueue(PAGE, unit("3"), null);
    expect(next.enqueue.mock.calls.map(([, units]) => (units as Unit[])[0]?.json)).toEqual(["1", "2", "3"]);
    expect(next.lose).toHaveBeenCalledOnce();
    expect(next.enqueue.mock.calls[1]?.[2]).toBe("ada");
  });

  it("holds a bounded amount, and asks for a snapshot when it let something go", () => {
    const { next, waiting, onSnapshotNeeded } = setUp();
    waiting.enqueue(PAGE, unit("x".repeat(WAITING_SIZE)), null);
    waiting.enqueue(PAGE, unit("more"), null);
    waiting.open();
    expect(next.enqueue).not.toHaveBeenCalled();
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
  });

  it("lets what it has go with a page that is left before the answer", () => {
    const { next, waiting } = setUp();
    waiting.enqueue(PAGE, unit("1"), null);
    waiting.sendBeforeHide(true);
    expect(next.enqueue).toHaveBeenCalledOnce();
    expect(next.sendBeforeHide).toHaveBeenCalledWith(true);
  });

  it("forgets what was recorded before it was known how", () => {
    const { next, waiting } = setUp();
    waiting.enqueue(PAGE, unit("unmasked"), null);
    waiting.forget();
    waiting.enqueue(PAGE, unit("masked"), null);
    waiting.open();
    expect(next.enqueue.mock.calls.map(([, units]) => (units as Unit[])[0]?.json)).toEqual(["masked"]);
  });

  it("never sends what it held once it is discarded", () => {
    const { next, waiting } = setUp();
    waiting.enqueue(PAGE, unit("1"), null);
    waiting.discard();
    waiting.open();
    expect(next.discard).toHaveBeenCalledOnce();
    expect(next.enqueue).not.toHaveBeenCalled();
  });
});
