// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConsoleError, MOST_CHARACTERS, MOST_ERRORS, MOST_REPEATS, tellErrors } from "../src/errors";
import { tellRoutes } from "../src/routes";

describe("routes", () => {
  let stop = (): void => undefined;
  afterEach(() => stop());

  it("are told when the address changes, and the page's functions are as before afterwards", async () => {
    const before = history.pushState;
    const told: string[] = [];
    stop = tellRoutes((href) => told.push(new URL(href).pathname + new URL(href).hash));
    history.pushState({ page: 1 }, "", "/products");
    history.replaceState({ page: 2 }, "");
    history.replaceState(null, "", "/cart");
    location.hash = "#end";
    await new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
    history.back();
    await new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
    expect(told).toEqual(["/products", "/cart", "/cart#end", "/cart"]);
    stop();
    expect(history.pushState).toBe(before);
    expect(() => history.pushState(null, "", "https://elsewhere.test/")).toThrow();
  });

  it("throws what the page's call throws, and leaves a wrapper of the page's in its place", () => {
    const told = vi.fn();
    stop = tellRoutes(told);
    expect(() => history.pushState(null, "", "https://elsewhere.test/")).toThrow();
    expect(told).not.toHaveBeenCalled();
    const ours = history.replaceState;
    const page = vi.fn((...given: Parameters<typeof ours>) => ours.apply(history, given));
    history.replaceState = page;
    stop();
    history.replaceState(null, "", "/after");
    expect(page).toHaveBeenCalledOnce();
    expect(told).not.toHaveBeenCalled();
    history.replaceState = ours;
  });
});

describe("errors", () => {
  const shown = vi.fn();
  let original: typeof console.error;
  let told: ConsoleError[];
  let stop: () => void;

  beforeEach(() => {
    shown.mockReset();
    original = console.error;
    console.error = shown;
    told = [];
    stop = tellErrors((error) => told.push(error));
  });
  afterEach(() => {
    stop();
    console.error = original;
  });

  it("of the console reach the console first, and are told as JSON with a stack", () => {
    const error = new TypeError("no");
    console.error("boom", { deep: { deeper: { deepest: 1 } }, list: [1] }, error);
    expect(shown).toHaveBeenCalledOnce();
    expect(told[0]?.payload.map((each) => JSON.parse(each) as unknown)).toEqual([
      "boom",
      { deep: { deeper: "[object Object]" }, list: [1] },
      "TypeError: no",
    ]);
    expect(told[0]?.trace[0]).toMatch(/^at /);
    stop();
    expect(console.error).toBe(shown);
  });

  it("that nobody caught, rejections and scripts that do not load are told", () => {
    dispatchEvent(new ErrorEvent("error", { message: "Uncaught x", error: new Error("x") }));
    dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason: new Error("no") }));
    const script = document.head.appendChild(document.createElement("script"));
    script.dispatchEvent(new Event("error"));
    document.head.appendChild(document.createElement("img")).dispatchEvent(new Event("error"));
    expect(told.map(({ payload }) => payload[0])).toEqual([
      '"Uncaught x"',
      '"Uncaught (in promise)"',
      expect.stringContaining("Loading the script"),
    ]);
    expect(told[1]?.payload[1]).toBe('"Error: no"');
  });

  it("are bounded in length, in repeats and in a minute", () => {
    console.error("x".repeat(10 * MOST_CHARACTERS));
    expect(told[0]?.payload[0]?.length).toBe(MOST_CHARACTERS + 2);
    for (let n = 0; n < 50; n++) console.error("again");
    expect(told).toHaveLength(1 + MOST_REPEATS);
    for (let n = 0; n < 200; n++) console.error("other", n);
    expect(told).toHaveLength(MOST_ERRORS);
    expect(shown).toHaveBeenCalledTimes(251);
  });

  it("never call getters of the page's, never recurse, and never break the page's call", () => {
    const getter = vi.fn();
    console.error(Object.defineProperty({}, "x", { get: getter, enumerable: true }));
    expect(getter).not.toHaveBeenCalled();
    const hostile = new Proxy({}, { ownKeys: () => { console.error("inner"); throw new Error("trap"); } });
    console.error(hostile);
    expect(told).toHaveLength(1);
    expect(shown).toHaveBeenCalledTimes(3);
  });
});
