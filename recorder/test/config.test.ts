import { afterEach, describe, expect, it, vi } from "vitest";
import { askForConfig, CAUTIOUS, keptConfig, LIFETIME_MS, parseConfig, WAIT_MS } from "../src/config";
import { MemoryStorage } from "./memory_storage";

const TOLD = {
  watch: [".rr-block", "[data-x]"],
  gpc: false,
  sample_percent: 12.5,
  mask_inputs: false,
  capture: { console: true, network: false, canvas: true, pictures: false },
  recording: true,
};

const CONFIG = {
  watch: [".rr-block", "[data-x]"],
  gpc: false,
  samplePercent: 12.5,
  maskInputs: false,
  capture: TOLD.capture,
  recording: true,
};

function setUp(answer: () => Promise<Response>) {
  const asked = vi.fn<(address: string, init: RequestInit) => void>();
  const fetch = (async (address: string, init: RequestInit) => {
    asked(address, init);
    return answer();
  }) as typeof globalThis.fetch;
  const source = { endpoint: "https://rs.test/rs", key: "a key", fetch, storage: new MemoryStorage() };
  return { source, asked };
}

afterEach(() => vi.useRealTimers());

describe("askForConfig", () => {
  it("asks without cookies or referrer, and keeps the answer for other pages of the tab for a minute", async () => {
    const { source, asked } = setUp(async () => Response.json(TOLD));
    expect(keptConfig(source, 0)).toBeNull();
    expect(await askForConfig(source, () => 1_000)).toEqual({ kind: "config", config: CONFIG });
    expect(asked).toHaveBeenCalledOnce();
    const [address, init] = asked.mock.calls[0] ?? [];
    expect(address).toBe("https://rs.test/rs/v1/config/a%20key");
    expect(init).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
    expect(keptConfig(source, 1_000 + LIFETIME_MS - 1)).toEqual(CONFIG);
    expect(keptConfig(source, 1_000 + LIFETIME_MS)).toBeNull();
    expect(keptConfig(source, 1_000 - LIFETIME_MS)).toBeNull();
    expect(keptConfig({ ...source, key: "another" }, 1_000)).toBeNull();
  });

  it.each([401, 403])("takes %d for the word that nothing may be recorded, and forgets what was kept", async (status) => {
    let answer = Response.json(TOLD);
    const { source } = setUp(async () => answer);
    await askForConfig(source, () => 0);
    answer = Response.json({}, { status });
    expect(await askForConfig(source, () => 0)).toEqual({ kind: "refused", status });
    expect(keptConfig(source, 0)).toBeNull();
  });

  it.each([
    ["an old gateway", async () => Response.json({}, { status: 404 })],
    ["a gateway in trouble", async () => Response.json({}, { status: 503 })],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["something that is no JSON", async () => new Response("<html>")],
    ["JSON of another form", async () => Response.json([1])],
    ["JSON without end", async () => Response.json({ ...TOLD, watch: [".".padEnd(70_000, "x")] })],
  ])("cannot be had from %s", async (_, answer) => {
    expect(await askForConfig(setUp(answer).source, () => 0)).toEqual({ kind: "unreachable" });
  });

  it("waits for a bounded time", async () => {
    vi.useFakeTimers();
    const { source } = setUp(() => new Promise(() => undefined));
    source.fetch = ((_: string, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      })) as typeof fetch;
    const answer = askForConfig(source, () => 0);
    await vi.advanceTimersByTimeAsync(WAIT_MS);
    expect(await answer).toEqual({ kind: "unreachable" });
  });
});

describe("parseConfig", () => {
  it("takes what it cannot read for the cautious answer", () => {
    const odd = { ...TOLD, gpc: "no", mask_inputs: 0, capture: { console: 1 }, more: "of a later version" };
    expect(parseConfig(JSON.stringify(odd))).toMatchObject({
      gpc: true,
      maskInputs: true,
      capture: CAUTIOUS.capture,
    });
  });
});
