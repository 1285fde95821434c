import { describe, expect, it } from "vitest";
import { Choice } from "../choice";
import { Pace } from "../pace";

describe("pace", () => {
  it("is that asked for, and faster through idle time only", () => {
    const pace = new Pace([[1000, 9000]]);
    expect([pace.at(999), pace.at(1000), pace.at(9000)]).toEqual([1, 2, 1]);
    expect([pace.idleUntil(999), pace.idleUntil(1000), pace.idleUntil(9000)]).toEqual([null, 9000, null]);
    pace.speed = 8;
    expect([pace.at(1000), pace.idleUntil(1000)]).toEqual([8, null]);
    pace.speed = 1;
    pace.skip = false;
    expect(pace.at(1000)).toBe(1);
  });
});

describe("the window that is shown", () => {
  const spans = [
    { from: 0, window: "a" },
    { from: 100, window: "b" },
    { from: 200, window: "a" },
  ];

  it("is the one looked at, one asked for until another is looked at, or a pinned one", () => {
    const choice = new Choice(spans);
    expect([choice.at(50), choice.at(150)]).toEqual(["a", "b"]);
    choice.ask("b", 10);
    expect([choice.at(10), choice.at(199), choice.at(200), choice.at(10)]).toEqual(["b", "b", "a", "a"]);
    choice.pin("b");
    expect(choice.at(250)).toBe("b");
    choice.ask("a", 10);
    expect([choice.pinned, choice.at(150)]).toEqual(["a", "a"]);
    choice.pin(null);
    expect(choice.at(150)).toBe("b");
  });
});
