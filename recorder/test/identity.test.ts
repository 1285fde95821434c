import { validate, version } from "uuid";
import { describe, expect, it } from "vitest";
import { IDLE_MS, MAX_AGE_MS, SessionClock } from "../src/session";
import { tolerant } from "../src/storage";
import { WindowId } from "../src/window";
import { MemoryStorage } from "./memory_storage";

const T0 = Date.UTC(2026, 0, 1);

describe("session", () => {
  it("is a UUIDv7 that lasts across page loads", () => {
    const storage = new MemoryStorage();
    const id = new SessionClock(storage).at(T0, true) ?? "";
    expect(validate(id) && version(id)).toBe(7);
    expect(new SessionClock(storage).at(T0 + IDLE_MS - 1, true)).toBe(id);
  });

  it("ends after half an hour without the user, and begins anew only with the user", () => {
    const clock = new SessionClock(new MemoryStorage());
    const first = clock.at(T0, true);
    expect(clock.at(T0 + IDLE_MS, false)).toBeNull();
    const second = clock.at(T0 + IDLE_MS + 5_000, true);
    expect(second).not.toBe(first);
    expect(clock.at(T0 + IDLE_MS + 6_000, false)).toBe(second);
  });

  it("is prolonged by activity but never beyond a day", () => {
    const clock = new SessionClock(new MemoryStorage());
    const first = clock.at(T0, true);
    const step = IDLE_MS / 2;
    for (let at = T0 + step; at < T0 + MAX_AGE_MS; at += step) expect(clock.at(at, true)).toBe(first);
    expect(clock.at(T0 + MAX_AGE_MS, true)).not.toBe(first);
  });

  it("is the one another tab began", () => {
    const storage = new MemoryStorage();
    const [one, other] = [new SessionClock(storage), new SessionClock(storage)];
    one.at(T0, true);
    other.at(T0, true);
    const renewed = one.at(T0 + IDLE_MS, true);
    expect(other.at(T0 + IDLE_MS + 1, true)).toBe(renewed);
  });

  it("begins anew when what is stored is not a session", () => {
    const storage = new MemoryStorage();
    storage.set("reelstream.session", '{"id":"../evil","startedAt":0,"lastActivity":0}');
    expect(validate(new SessionClock(storage).at(T0, true))).toBe(true);
  });

  it("lives in memory where the browser forbids storage", () => {
    const clock = new SessionClock(
      tolerant(() => {
        throw new Error("SecurityError");
      }),
    );
    const id = clock.at(T0, true);
    expect(id).not.toBeNull();
    expect(clock.at(T0 + 5_000, true)).toBe(id);
  });
});

describe("window", () => {
  it("keeps its id from one page of the tab to the next", () => {
    const storage = new MemoryStorage();
    const first = new WindowId(storage);
    first.leave();
    expect(new WindowId(storage).value).toBe(first.value);
  });

  it("gets another id when the tab is duplicated", () => {
    const storage = new MemoryStorage();
    const original = new WindowId(storage);
    expect(new WindowId(storage.copy()).value).not.toBe(original.value);
  });

  it("has its id to itself again after a return from the back/forward cache", () => {
    const storage = new MemoryStorage();
    const original = new WindowId(storage);
    original.leave();
    original.resume();
    expect(new WindowId(storage.copy()).value).not.toBe(original.value);
  });
});
