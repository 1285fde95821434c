import { describe, expect, it } from "vitest";
import { absoluteCss, importsOf } from "../src/css_addresses";

const BASE = "https://cdn.test/css/v1/site.css";

describe("absoluteCss", () => {
  it.each([
    ["url(a.png)", "url(https://cdn.test/css/v1/a.png)"],
    ['url("../b c.png")', 'url("https://cdn.test/css/b%20c.png")'],
    ["url( '/d.png' )", "url( 'https://cdn.test/d.png' )"],
    ["url(//other.test/e.png)", "url(https://other.test/e.png)"],
    ["@import 'f.css' print;", "@import 'https://cdn.test/css/v1/f.css' print;"],
    ["@import url(g.css);", "@import url(https://cdn.test/css/v1/g.css);"],
  ])("makes %s absolute", (given, expected) => {
    expect(absoluteCss(given, BASE)).toBe(expected);
  });

  it.each(["url(data:image/png;base64,AAAA)", "url(#clip)", "url(https://a.test/b)", "url()", "url('')", "p{color:red}"])(
    "leaves %s alone",
    (given) => {
      expect(absoluteCss(given, BASE)).toBe(given);
    },
  );

  it.each(["url(", "url('", "@import ", "url(  ", 'url("x'])("takes time in proportion to %s repeated", (part) => {
    const began = performance.now();
    absoluteCss(part.repeat(200_000), BASE);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("importsOf", () => {
  it("takes imports off the beginning, with their conditions", () => {
    const text = '/* a * b */ @charset "utf-8"; @import url("x.css"); @IMPORT \'y.css\' screen and (width > 1px); p{} @import "z";';
    expect(importsOf(text)).toEqual({
      imports: [
        { address: "x.css", media: "" },
        { address: "y.css", media: "screen and (width > 1px)" },
      ],
      rest: ' p{} @import "z";',
    });
  });

  it.each(["/*", "/**", "@import ", '@charset "', " "])("takes time in proportion to %s repeated", (part) => {
    const began = performance.now();
    importsOf(part.repeat(200_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
