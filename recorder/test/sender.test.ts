import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Unit } from "../src/buffer";
import type { PageLoad } from "../src/payload";
import { ATTEMPTS_MAX, FAILURES_MAX, QUEUE_LIMIT } from "../src/sender";
import { KEEPALIVE_LIMIT } from "../src/transport";
import type { Unsent } from "../src/unsent";
import { Uplink } from "../src/uplink";
import { FakeGateway } from "./fake_gateway";
import { until } from "./until";

const unit = (n: number, length = 0, keyframe = false): Unit => ({
  json: JSON.stringify({ n, filler: "x".repeat(length) }),
  keyframe,
});
const pageLoad = (): PageLoad => ({ session: "s", page: "p", nextSeq: 0 });
const numbers = (text: string) => (JSON.parse(text) as { n: number }[]).map((event) => event.n);

/** Stands in for the browser's database; `room` is how many payloads it takes. */
function keeper(room = Infinity) {
  const kept: { address: string; bytes: Uint8Array }[] = [];
  const keep = (payloads: typeof kept) => kept.push(...payloads.slice(0, room));
  const ahead = vi.fn<Unsent["ahead"]>();
  const forget = vi.fn<Unsent["forget"]>();
  const rest = { pause: vi.fn(), send: vi.fn(), ready: true, opened: Promise.resolve() };
  return { kept, keep, ahead, forget, ...rest } as unknown as Unsent & {
    kept: typeof kept;
    ahead: typeof ahead;
    forget: typeof forget;
  };
}

/** Park and Miller's generator: bytes that do not compress, the same in each run. */
let state = 1;
const seeded = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(1);
  vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
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
    const gateway = new FakeGateway([status, 202, status]);
    const { sender, onStop } = gateway.sender();
    const page = pageLoad();
    for (let n = 0; n < 3; n++) sender.enqueue(page, [unit(n)], null);
    await until(() => expect(gateway.received).toHaveLength(5));
    // What is refused is told under the same number.
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 0, 1, 1, 2]);
    expect(gateway.said(1)).toEqual({ not_recorded: { reason: "refused", count: 1 }, events: [] });
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

  it("gives up what waits rather than hold more than its limit, says so, and goes on with a snapshot", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const { sender, onStop, onSnapshotNeeded } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(0)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.enqueue(page, [unit(1, QUEUE_LIMIT / 2)], null);
    expect(onSnapshotNeeded).not.toHaveBeenCalled();
    onSnapshotNeeded.mockImplementation(() => sender.enqueue(page, [unit(3, QUEUE_LIMIT - 4 * 1024 * 1024, true)], null));
    sender.enqueue(page, [unit(2, QUEUE_LIMIT / 2)], null);
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
    gateway.release();
    await until(() => expect(gateway.received).toHaveLength(3));
    expect(gateway.said(1)).toEqual({ not_recorded: { reason: "queue_full", count: 2 }, events: [] });
    expect(gateway.received[2]?.kf).toBe(true);
    expect(onStop).not.toHaveBeenCalled();
  });
});

describe("sender on a slow uplink", () => {
  /** Until the fake gateway has had so many requests, however long the sender waits between them. */
  const requests = (gateway: FakeGateway, count: number) =>
    vi.waitFor(
      async () => {
        await vi.advanceTimersByTimeAsync(1_000);
        expect(gateway.received).toHaveLength(count);
      },
      { timeout: 5_000, interval: 1 },
    );

  it("tries a 408 once more, then sends halves under the same numbers", async () => {
    const gateway = new FakeGateway([408, 408, 408]);
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [1, 2, 3, 4].map((n) => unit(n)), null);
    sender.enqueue(page, [unit(5)], null);
    await requests(gateway, 7);
    expect(gateway.received.map(({ seq, text }) => [seq, numbers(text)])).toEqual([
      [0, [1, 2, 3, 4]],
      [0, [1, 2, 3, 4]],
      [0, [1, 2]],
      [0, [1]],
      [1, [2]],
      [2, [3, 4]],
      [3, [5]],
    ]);
  });

  it("leaves out of a snapshot first pictures, then styles, says how many, and in the end gives it up", async () => {
    const picture = `data:image/png;base64,${"QUJD".repeat(1_250)}`;
    const css = `a { color: red } /* ${"x".repeat(2_000)} */ b { background: url(${picture}) }`;
    const json = JSON.stringify({ type: 2, data: { src: picture, style: `background: url("${picture}")`, _cssText: css } });
    const gateway = new FakeGateway([413, 413, 413]);
    const { sender, onSnapshotNeeded } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [{ json, keyframe: true }], null);
    sender.enqueue(page, [unit(1)], null);
    await requests(gateway, 5);
    const [, pictures, styles, nothing, next] = gateway.received;
    expect(pictures?.text).not.toContain("QUJDQUJD");
    expect(pictures?.text).toContain("color: red");
    expect(gateway.said(1).not_recorded).toEqual({ reason: "snapshot_too_large", count: 3 });
    expect(styles?.text).toContain('"_cssText":""');
    expect(gateway.said(2).not_recorded).toEqual({ reason: "snapshot_too_large", count: 4 });
    expect([pictures?.kf, styles?.kf, nothing?.kf]).toEqual([true, true, false]);
    expect(gateway.said(3)).toEqual({ not_recorded: { reason: "snapshot_too_large", count: 1 }, events: [] });
    expect([nothing?.seq, next?.seq]).toEqual([0, 1]);
    // It would be as large: the next regular one is tried.
    expect(onSnapshotNeeded).not.toHaveBeenCalled();
  });

  it("sends what the gateway never takes a bounded number of times, whatever it says", async () => {
    vi.useRealTimers();
    const real = setTimeout;
    vi.stubGlobal("setTimeout", (callback: () => void) => real(callback));
    for (const status of [408, 413, 503]) {
      const gateway = new FakeGateway(Array.from({ length: 500 }, () => status));
      const { sender, onSnapshotNeeded } = gateway.sender();
      sender.enqueue(pageLoad(), Array.from({ length: 64 }, (_, n) => unit(n)), null);
      for (let before = -1; before < gateway.received.length; ) {
        before = gateway.received.length;
        await new Promise((resolve) => real(resolve, 200));
      }
      expect(gateway.received.length).toBeGreaterThan(10);
      expect(gateway.received.length).toBeLessThanOrEqual(2 * ATTEMPTS_MAX);
      expect(onSnapshotNeeded).toHaveBeenCalled();
    }
  });

  it("cuts later payloads to what this uplink brings within seconds, and grows again", () => {
    const uplink = new Uplink();
    uplink.took(100_000, 1_000);
    expect(uplink.limit).toBe(Infinity);
    uplink.took(800_000, 20_000);
    expect(uplink.limit).toBe(400_000);
    uplink.refused(100_000);
    expect(uplink.limit).toBe(50_000);
    uplink.took(10_000, 100);
    expect(uplink.limit).toBe(50_000);
    uplink.took(40_000, 1_000);
    expect(uplink.limit).toBe(100_000);
  });
});

describe("sender without a gateway", () => {
  const never = () => new FakeGateway(Array.from({ length: 100 }, () => new TypeError("Failed to fetch")));
  const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);

  it("ends after a few failures when it never reached it, says why once, and keeps that for a later page", async () => {
    const gateway = never();
    const unsent = keeper();
    const { sender, onStop } = gateway.sender(unsent);
    const page = pageLoad();
    sender.enqueue(page, [unit(1), unit(2)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    await minutes(10);
    expect(gateway.received).toHaveLength(FAILURES_MAX);
    expect(onStop).toHaveBeenCalledOnce();
    expect(console.warn).toHaveBeenCalledOnce();
    expect(unsent.kept.map(({ address, bytes }) => [address, new TextDecoder().decode(bytes)])).toEqual([
      ["http://gateway.test/v1/replay/demo/s/w?page=p&seq=1", '{"not_recorded":{"reason":"blocked","count":2},"events":[]}'],
    ]);
  });

  it("ends at once when the page's policy forbids it, but not one that it has reached", async () => {
    const gateway = never();
    const { sender, onStop } = gateway.sender();
    sender.enqueue(pageLoad(), [unit(1)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.forbidden("connect-src");
    await minutes(10);
    expect(onStop).toHaveBeenCalledExactlyOnceWith("connect-src");
    expect(gateway.received).toHaveLength(1);

    const reached = new FakeGateway();
    const other = reached.sender();
    other.sender.enqueue(pageLoad(), [unit(1)], null);
    await until(() => expect(reached.received).toHaveLength(1));
    await until(() => void other.sender.forbidden("connect-src"));
    await vi.advanceTimersByTimeAsync(1);
    other.sender.forbidden("connect-src");
    expect(other.onStop).not.toHaveBeenCalled();
  });

  it("outlasts an outage of a gateway it has reached, and tells what it gave up", async () => {
    const gateway = new FakeGateway([202, ...Array.from({ length: ATTEMPTS_MAX }, () => new TypeError("offline"))]);
    const { sender, onStop, onSnapshotNeeded } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(0)], null);
    sender.enqueue(page, [unit(1)], null);
    await until(() => expect(gateway.received).toHaveLength(2));
    await minutes(30);
    await until(() => expect(gateway.received).toHaveLength(ATTEMPTS_MAX + 2));
    // Whether the gateway has it nobody knows: its number is not used again.
    expect(gateway.received.at(-1)?.seq).toBe(2);
    expect(gateway.said(ATTEMPTS_MAX + 1).not_recorded).toEqual({ reason: "refused", count: 1 });
    expect(onSnapshotNeeded).toHaveBeenCalledOnce();
    expect(onStop).not.toHaveBeenCalled();
  });

  it("forgets everything and gives up what is on its way when the person wants that", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const { sender } = gateway.sender();
    const page = pageLoad();
    sender.enqueue(page, [unit(1)], null);
    sender.enqueue(page, [unit(2)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.discard();
    expect(gateway.received[0]?.signal?.aborted).toBe(true);
    gateway.release();
    await minutes(5);
    expect(gateway.received).toHaveLength(1);
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

  it("keeps for the next page what does not fit and all after it, in order, and sends none of it itself", async () => {
    const gateway = new FakeGateway();
    const unsent = keeper();
    const { sender } = gateway.sender(unsent);
    const page = pageLoad();
    sender.enqueue(page, [unit(1, KEEPALIVE_LIMIT, true)], null);
    sender.enqueue(page, [unit(2)], null);
    sender.sendBeforeHide(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gateway.received).toHaveLength(0);
    expect(unsent.kept.map(({ address }) => address.split("?")[1])).toEqual(["page=p&seq=0&kf=1", "page=p&seq=1"]);
  });

  it("keeps what is on its way by a request that ends with the page, and what comes after it", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const unsent = keeper();
    const { sender } = gateway.sender(unsent);
    const page = pageLoad();
    const noise = Buffer.from(Array.from({ length: 90_000 }, () => Math.floor(seeded() * 256))).toString("base64");
    sender.enqueue(page, [{ json: JSON.stringify({ n: 1, noise }), keyframe: true }], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    sender.enqueue(page, [unit(2)], null);
    sender.sendBeforeHide(true);
    expect(gateway.received).toHaveLength(1);
    expect(unsent.kept.map(({ address }) => address.split("?")[1])).toEqual([
      "page=p&seq=0&enc=gzip&kf=1",
      "page=p&seq=1",
    ]);
    expect(unsent.kept[0]?.bytes).toEqual(gateway.received[0]?.bytes);
    expect(unsent.ahead.mock.calls).toEqual([[unsent.kept[0]]]);
  });

  it("stores what may end with the page before the page is left, until the gateway has it", async () => {
    const gateway = new FakeGateway();
    gateway.hold = true;
    const unsent = keeper();
    const { sender } = gateway.sender(unsent);
    const noise = Buffer.from(Array.from({ length: 90_000 }, () => Math.floor(seeded() * 256))).toString("base64");
    sender.enqueue(pageLoad(), [{ json: JSON.stringify({ n: 1, noise }), keyframe: true }], null);
    await until(() => expect(unsent.ahead).toHaveBeenCalledTimes(1));
    expect(unsent.forget).not.toHaveBeenCalled();
    gateway.release();
    await until(() => expect(unsent.forget).toHaveBeenCalledTimes(1));
    expect(unsent.forget.mock.calls[0]?.[0].address).toBe(unsent.ahead.mock.calls[0]?.[0].address);
  });

  it("stores nothing ahead of what a request brings that outlives the page", async () => {
    const gateway = new FakeGateway();
    const unsent = keeper();
    const { sender } = gateway.sender(unsent);
    sender.enqueue(pageLoad(), [unit(1, 0, true)], null);
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(unsent.ahead).not.toHaveBeenCalled();
  });

  it("tells the server what is missing where nothing can be kept, or not all", () => {
    for (const room of [undefined, 0, 1]) {
      const gateway = new FakeGateway();
      const { sender } = gateway.sender(room === undefined ? undefined : keeper(room));
      const page = pageLoad();
      sender.enqueue(page, [unit(1, KEEPALIVE_LIMIT, true)], null);
      sender.enqueue(page, [unit(2), unit(3)], null);
      sender.sendBeforeHide(true);
      expect(gateway.received.map(({ keepalive }) => keepalive)).toEqual([true]);
      expect(gateway.said(0).not_recorded).toEqual({ reason: "left_early", count: room === 1 ? 2 : 3 });
    }
  });
});
