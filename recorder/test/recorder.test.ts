import type { eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Around } from "../src/around";
import { Recorder, type RecorderOptions, type RrwebRecord } from "../src/recorder";
import { IDLE_MS, SessionClock } from "../src/session";
import { BURST } from "../src/storm";
import { FakeGateway } from "./fake_gateway";
import { MemoryStorage } from "./memory_storage";
import { meta, mutation, scroll, snapshot } from "./rrweb_events";
import { until } from "./until";

const nothing = () => undefined;
const around: Around = { before: nothing, after: nothing, watchFor: nothing, stop: nothing };

/** A recorder whose rrweb emits what the test says; like rrweb, it answers a snapshot request at once. */
function setUp(options: Partial<RecorderOptions> = {}) {
  const gateway = new FakeGateway();
  const stopped = vi.fn();
  let emit: (event: eventWithTime) => void = () => undefined;
  const rrwebOptions = vi.fn();
  const record: RrwebRecord = Object.assign(
    (given: Parameters<RrwebRecord>[0]) => {
      rrwebOptions(given);
      emit = (event) => given.emit?.(event);
      return stopped;
    },
    {
      takeFullSnapshot: () => {
        emit(meta(Date.now()));
        emit(snapshot(Date.now()));
      },
    },
  );
  const { sender } = gateway.sender();
  const clock = new SessionClock(new MemoryStorage());
  const recorder = new Recorder(
    record,
    clock,
    sender,
    { samplePercent: 100, flushMs: 1_000, rrweb: {}, watch: [], ...options },
    null,
    () => around,
  );
  return { recorder, gateway, stopped, rrwebOptions, emit: (event: eventWithTime) => emit(event) };
}

const types = (text: string) => (JSON.parse(text) as eventWithTime[]).map((event) => event.type);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("recorder", () => {
  it("sends a snapshot at once and other events together after the flush time", async () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    emit(meta());
    emit(snapshot());
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(gateway.received[0]?.kf).toBe(true);
    emit(mutation());
    emit(scroll());
    await vi.advanceTimersByTimeAsync(1_000);
    await until(() => expect(gateway.received).toHaveLength(2));
    expect(types(gateway.received[1]?.text ?? "[]")).toEqual([3, 3]);
  });

  it("sends 256 KiB of JSON without waiting", async () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    for (let n = 0; n < 5; n++) emit(mutation("x".repeat(64 * 1024)));
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(types(gateway.received[0]?.text ?? "[]")).toHaveLength(4);
  });

  it("begins a new session, page load and snapshot when the user returns after half an hour", async () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    const first = recorder.session;
    emit(meta());
    emit(snapshot());
    await until(() => expect(gateway.received).toHaveLength(1));
    vi.setSystemTime(Date.now() + IDLE_MS);
    emit(mutation("a page that ticks while nobody looks"));
    emit(meta());
    emit(snapshot());
    expect(recorder.session).toBe(first);
    emit(scroll());
    await vi.advanceTimersByTimeAsync(1_000);
    await until(() => expect(gateway.received).toHaveLength(3));
    const [before, renewed, after] = gateway.received;
    expect(recorder.session).not.toBe(first);
    expect(renewed?.path).toContain(recorder.session);
    expect(renewed?.page).not.toBe(before?.page);
    expect(gateway.received.map(({ seq }) => seq)).toEqual([0, 0, 1]);
    expect(types(renewed?.text ?? "[]")).toEqual([4, 2]);
    const [activity] = JSON.parse(after?.text ?? "[]") as eventWithTime[];
    expect(activity?.timestamp).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1) + IDLE_MS);
  });

  it("names the user from identify on", async () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    recorder.identify("ann");
    emit(scroll());
    await vi.advanceTimersByTimeAsync(1_000);
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(JSON.parse(gateway.received[0]?.text ?? "{}")).toEqual({ user: "ann", events: [scroll(Date.UTC(2026, 0, 1))] });
  });

  it("begins another page load of the same session with a snapshot, and tells what came before it after it", async () => {
    const { recorder, gateway, stopped, emit } = setUp({ captures: ["errors", "routes"] });
    recorder.start();
    const early = { type: 5, timestamp: 0, data: { tag: "reelstream.route", payload: {} } } as eventWithTime;
    recorder.tell(early);
    emit(meta());
    emit(snapshot());
    emit(scroll());
    recorder.renew();
    recorder.tell(early);
    emit(meta());
    emit(snapshot());
    await vi.advanceTimersByTimeAsync(1_000);
    await until(() => expect(gateway.received.length).toBeGreaterThanOrEqual(3));
    expect(stopped).toHaveBeenCalledOnce();
    const pages = [...new Set(gateway.received.map(({ page }) => page))];
    expect(pages).toHaveLength(2);
    for (const page of pages) {
      const mine = gateway.received.flatMap((each, at) => (each.page === page ? [{ ...each, said: gateway.said(at) }] : []));
      expect(mine.map(({ seq }) => seq)).toEqual(mine.map((_, at) => at));
      expect(mine[0]?.said.captures).toEqual(["errors", "routes"]);
      const events = mine.flatMap(({ said }) => said.events as eventWithTime[]);
      expect(events.slice(0, 3).map(({ type }) => type)).toEqual([4, 2, 5]);
    }
    expect(new Set(gateway.received.map(({ path }) => path)).size).toBe(1);
  });

  it("writes times that never go back when the system's clock does", async () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    emit(scroll());
    vi.setSystemTime(Date.now() - 60_000);
    emit(scroll());
    vi.setSystemTime(Date.now() + 600_000);
    emit(scroll());
    recorder.flush();
    await until(() => expect(gateway.received).toHaveLength(1));
    const [first, second, third] = (JSON.parse(gateway.received[0]?.text ?? "[]") as eventWithTime[]).map((e) => e.timestamp);
    expect(second).toBeGreaterThanOrEqual(first ?? Infinity);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThan(500_000);
  });

  it("does not even start rrweb when sampling leaves the session out", () => {
    const { recorder, rrwebOptions } = setUp({ samplePercent: 0 });
    recorder.start();
    expect(rrwebOptions).not.toHaveBeenCalled();
    expect(recorder.session).toBeNull();
  });

  it("masks passwords unless the page says otherwise", () => {
    const careful = setUp();
    careful.recorder.start();
    expect(careful.rrwebOptions.mock.lastCall?.[0].maskInputOptions).toEqual({ password: true });
    const open = setUp({ rrweb: { maskInputOptions: { password: false }, blockClass: "none" } });
    open.recorder.start();
    expect(open.rrwebOptions.mock.lastCall?.[0]).toMatchObject({
      maskInputOptions: { password: false },
      blockClass: "none",
    });
  });

  it("sends what it has when stopped and records nothing more", async () => {
    const { recorder, gateway, stopped, emit } = setUp();
    recorder.start();
    emit(scroll());
    recorder.stop();
    emit(scroll());
    await until(() => expect(gateway.received).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(gateway.received).toHaveLength(1);
    expect(stopped).toHaveBeenCalledOnce();
    expect(recorder.session).toBeNull();
  });

  it("sends what is buffered when the page is hidden", () => {
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    emit(scroll());
    recorder.hide();
    expect(gateway.received.map(({ keepalive }) => keepalive)).toEqual([true]);
  });

  it("tells once that rrweb could not take a snapshot, or that an event cannot be written, and goes on", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    emit(meta());
    emit(scroll());
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(gateway.said(0)).toEqual({ not_recorded: { reason: "failed", count: 1 }, events: [] });
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    emit({ ...scroll(), data: circle } as never);
    emit(meta());
    emit(snapshot());
    await until(() => expect(gateway.received).toHaveLength(2));
    expect(types(gateway.received[1]?.text ?? "[]")).toEqual([4, 3, 4, 2]);
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it("tells that rrweb did not start", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const record = Object.assign(
      () => {
        throw new Error("no MutationObserver");
      },
      { takeFullSnapshot: () => undefined },
    );
    const gateway = new FakeGateway();
    const clock = new SessionClock(new MemoryStorage());
    const options = { samplePercent: 100, flushMs: 1_000, rrweb: {}, watch: [] };
    new Recorder(record, clock, gateway.sender().sender, options, null, () => around).start();
    await until(() => expect(gateway.received).toHaveLength(1));
    expect(gateway.said(0).not_recorded).toEqual({ reason: "failed", count: 1 });
  });

  it("says that a page was too busy, leaves out what it does, and goes on with a snapshot", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const { recorder, gateway, emit } = setUp();
    recorder.start();
    emit(meta());
    emit(snapshot());
    for (let n = 0; n < 10; n++) emit(mutation("x".repeat(0.6 * BURST)));
    emit(scroll());
    await vi.advanceTimersByTimeAsync(1_000);
    const count = (kind: RegExp) => gateway.received.filter(({ text }) => kind.test(text)).length;
    await until(() => expect(count(/"source":3/)).toBe(1));
    expect(count(/"texts"/)).toBe(2);
    expect(count(/"reason":"too_busy","count":1/)).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    await until(() => expect(gateway.received.at(-1)?.kf).toBe(true));
    expect(count(/"texts"/)).toBe(2);
  });
});
