import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Unit } from "../src/buffer";
import type { PageLoad } from "../src/payload";
import { QUEUE_LIMIT } from "../src/sender";
import { KEEPALIVE_LIMIT } from "../src/transport";
import { FakeGateway } from "./fake_gateway";
import { until } from "./until";

const unit = (n: number, length = 0, keyframe = false): Unit => ({
  json: JSON.stringify({ n, filler: "x".repeat(length) }),
  keyframe,
});
const pageLoad = (): PageLoad => ({ session: "s", page: "p", nextSeq: 0 });
const numbers = (text: string) => (JSON.parse(text) as { n: number }[]).map((event) => event.n);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(1);
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("sender", () => {
  it("sends payloads one at a time, numbered from 0", async () => {
    const gateway = new FakeGateway();
    const { sender } = gateway.sender();
    const page = pageLoad();
    for (let n = 0; n < 3; n++) sender.enqueue(page, [unit(n, 0, n === 0)], null);
    await until(() => expect(gateway.received).toHaveLength(3));
    expect(gateway.received.map(({ seq, kf }) => [seq, kf])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
    expect(gateway.received[0]?.path).toBe("/v1/replay/demo/s/w");
    expect(gateway.mostInFlight).toBe(1);
  });

  it("retries the same bytes under the same number, before anything later", async () => {
    const gateway = new FakeGateway([503, new TypeError("Failed to fetch"), 429]);
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.enqueue(page, [unit(2)], null);
    for (const [wait, count] of [
      [1_000, 2],
      [2_000, 3],
      [4_000, 4],
    ] as const) {
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(gateway.received).toHaveLength(count - 1);
      await vi.advanceTimersByTimeAsync(1);
      await until(() => expect(gateway.received).toHaveLength(count));
    }
    await until(() => expect(gateway.received).toHaveLength(5));
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 0, 0, 0, 1]);
    const [first, ...again] = gateway.received.slice(0, 4).map(({ bytes }) => bytes);
    for (const bytes of again) expect(bytes).toEqual(first);
  });

  it("waits as long as Retry-After asks", async () => {
    const gateway = new FakeGateway([{ status: 429, headers: { "Retry-After": "20" } }]);
    gateway.sender().sender.enqueue(pageLoad(), [unit(1)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(19_999);
    expect(gateway.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await until(() => expect(gateway.received).toHaveLength(2));
  });

  it.each([401, 403, 404])("stops on %i and sends nothing more", async (status) => {
    const gateway = new FakeGateway([status]);
    const { sender, onStop } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    sender.enqueue(page, [unit(2)], null);
    await until(() => expect(onStop).toHaveBeenCalledOnce());
    await vi.advanceTimersByTimeAsync(120_000);
    expect(gateway.received).toHaveLength(1);
  });

  it.each([400, 415])("drops what is refused with %i, warns once, and goes on", async (status) => {
    const gateway = new FakeGateway([status, status]);
    const { sender, onStop } = gateway.sender();
    const page = pageLoad();
    for (let n = 0; n < 3; n++) sender.enqueue(page, [unit(n)], null);
    await until(() => expect(gateway.received).toHaveLength(3));
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(console.warn).toHaveBeenCalledOnce();
    expect(onStop).not.toHaveBeenCalled();
  });

  it("sends the halves of a payload that is too large under consecutive numbers", async () => {
    const gateway = new FakeGateway([202, 413, 413]);
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(0)], "ann");
    sender.enqueue(page, [1, 2, 3, 4].map((n) => unit(n)), null);
    sender.enqueue(page, [unit(5)], null);
    await until(() => expect(gateway.received).toHaveLength(7));
    const stored = gateway.received.filter((_, index) => index !== 1 && index !== 2);
    expect(stored.slice(1).map(({ seq, text }) => [seq, numbers(text)])).toEqual([
      [1, [1]],
      [2, [2]],
      [3, [3, 4]],
      [4, [5]],
    ]);
  });

  it("gives up an event too large by itself and asks for a snapshot, unless it was one", async () => {
    const gateway = new FakeGateway([413, 413]);
    const { sender, onSnapshotNeeded } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    await until(() => expect(onSnapshotNeeded).toHaveBeenCalledOnce());
    sender.enqueue(page, [unit(2, 0, true)], null);
    sender.enqueue(page, [unit(3)], null);
    await until(() => expect(gateway.received).toHaveLength(3));
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
  });

  it("stops rather than hold more than its limit", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const { sender, onStop } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1, QUEUE_LIMIT / 2)], null);
    expect(onStop).not.toHaveBeenCalled();
    sender.enqueue(page, [unit(2, QUEUE_LIMIT / 2)], null);
    expect(onStop).toHaveBeenCalledOnce();
  });
});

describe("sender at page hide", () => {
  it("sends all that fits at once by keepalive and the rest when the page returns", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.enqueue(page, [unit(2)], null);
    sender.enqueue(page, [3, 4, 5, 6].map((n) => unit(n, 20_000)), null);
    sender.sendBeforeHide();
    expect(gateway.received.map(({ seq, keepalive }) => [seq, keepalive])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    const together = gateway.received.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(together).toBeLessThanOrEqual(KEEPALIVE_LIMIT);
    gateway.release();
    await until(() => expect(gateway.received).toHaveLength(4));
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expect(gateway.received.flatMap(({ text }) => numbers(text))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("sends each event once when it comes while a payload is being compressed", async () => {
    const gateway = new FakeGateway();
    const { sender } = gateway.sender();
    sender.enqueue(pageLoad(), [unit(1), unit(2)], null);
    sender.sendBeforeHide();
    expect(gateway.received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(gateway.received.flatMap(({ text }) => numbers(text))).toEqual([1, 2]);
  });

  it("retries what a hidden page could not deliver, same bytes and number", async () => {
    const gateway = new FakeGateway([new TypeError("Failed to fetch")]);
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    sender.sendBeforeHide();
    sender.enqueue(page, [unit(2)], null);
    await vi.waitFor(() => expect(gateway.received).toHaveLength(3), { timeout: 5_000 });
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 0, 1]);
    expect(gateway.received[1]?.bytes).toEqual(gateway.received[0]?.bytes);
    expect(gateway.received[1]?.keepalive).toBe(false);
  });

  it("does not send a snapshot too large to outlive the page, nor what builds upon it", () => {
    const gateway = new FakeGateway();
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1, KEEPALIVE_LIMIT, true)], null);
    sender.enqueue(page, [unit(2)], null);
    sender.sendBeforeHide();
    expect(gateway.received).toHaveLength(0);
    expect(page.nextSeq).toBe(0);
  });
});
