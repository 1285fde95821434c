import { describe, expect, it } from "vitest";
import { endpointOf } from "../src/endpoint";

const PAGE = "https://shop.example/cart/open?x=1#y";

describe("endpoint", () => {
  it.each([
    ["https://rec.example/record.js", "https://rec.example"],
    ["https://rec.example/rs/record.js", "https://rec.example/rs"],
    ["https://rec.example:8443/a/b/record.js?v=1/2#x/y", "https://rec.example:8443/a/b"],
    ["http://[::1]:8080/rs/record.js", "http://[::1]:8080/rs"],
    ["https://rec.example/r%20s/record.js", "https://rec.example/r%20s"],
    ["https://rec.example/rs/", "https://rec.example/rs"],
  ])("is the folder of the script %s", (script, endpoint) => {
    expect(endpointOf(undefined, script, PAGE)).toBe(endpoint);
  });

  it.each(["", "blob:https://shop.example/6c2e", "data:text/javascript,1", "chrome-extension://a/record.js", "https://"])(
    "is the page's origin for a script from nowhere: %j",
    (script) => {
      expect(endpointOf(undefined, script, PAGE)).toBe("https://shop.example");
    },
  );

  it.each([
    ["https://other.example/rs/", "https://other.example/rs"],
    ["/rs//", "/rs"],
  ])("is what the page says: %s", (given, endpoint) => {
    expect(endpointOf(given, "https://rec.example/x/record.js", PAGE)).toBe(endpoint);
  });
});
