import { type eventWithTime, IncrementalSource, MouseInteractions } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { Activity } from "../activity";
import { idle, type Lane, leftAt, playable, seenAt, spans, windowAt, windowOf } from "../timeline";
import { custom, event, incremental, meta, snapshot } from "./events";

function lane(id: string, ...events: eventWithTime[]): Lane {
  const activity = new Activity();
  for (const each of events) activity.add(each);
  const { first, last, claims, interactions, pages, snapshots } = activity;
  return { id, events: events.length, first, last, claims, interactions, pages, snapshots };
}

const click = (at: number) => incremental(IncrementalSource.MouseInteraction, { type: MouseInteractions.Click, id: 1 }, at);
const blur = (at: number) => incremental(IncrementalSource.MouseInteraction, { type: MouseInteractions.Blur, id: 1 }, at);
const scroll = (at: number) => incremental(IncrementalSource.Scroll, { id: 1, x: 0, y: 9 }, at);
const visible = (at: number, shown: boolean) => custom("reelstream.visibility", { visible: shown }, at);
const opened = (at: number, href = "https://a.example/") => [meta(href, at), snapshot(at + 5)];

function looked(...lanes: Lane[]): [number, string][] {
  return spans(lanes).map(({ from, window }) => [from, window]);
}

describe("the tab that is looked at", () => {
  it("is none without a picture, and the first that has one", () => {
    expect(looked(lane("a", event(0, {}, 1), event(1, {}, 2)))).toEqual([]);
    expect(looked(lane("a", snapshot(1)))).toEqual([]);
    expect(looked(lane("a", event(0, {}, 1), event(1, {}, 2)), lane("b", ...opened(50)))).toEqual([[50, "b"]]);
    expect(playable([lane("late", ...opened(90)), lane("early", ...opened(10))]).map(({ id }) => id)).toEqual([
      "early",
      "late",
    ]);
  });

  it("follows what the tabs say of themselves", () => {
    const a = lane("a", ...opened(0), visible(1000, false), visible(5000, true));
    const b = lane("b", ...opened(1010), visible(4990, false));
    expect(looked(a, b)).toEqual([
      [0, "a"],
      [1015, "b"],
      [5000, "a"],
    ]);
  });

  it("follows what a person does where tabs say nothing", () => {
    const a = lane("a", ...opened(0), click(3000), blur(9000));
    const b = lane("b", ...opened(1000), click(4000));
    expect(looked(a, b)).toEqual([
      [0, "a"],
      [1005, "b"],
      [3000, "a"],
      [4000, "b"],
    ]);
  });

  it("is not one that a script scrolls or sends elsewhere while it is hidden", () => {
    const a = lane("a", ...opened(0), click(3000));
    const b = lane("b", ...opened(1000), visible(2500, false), scroll(3500), ...opened(4000, "https://a.example/2"));
    expect(looked(a, b).at(-1)).toEqual([3000, "a"]);
    const used = lane("b", ...opened(1000), visible(2500, false), scroll(3500), click(3600));
    expect(looked(a, used).at(-1)).toEqual([3600, "b"]);
  });

  it("is not one that was opened in the background", () => {
    const a = lane("a", ...opened(0), click(9000));
    expect(looked(a, lane("b", ...opened(1000), visible(5000, true)))).toEqual([
      [0, "a"],
      [5000, "b"],
      [9000, "a"],
    ]);
    expect(looked(a, lane("b", ...opened(1000), visible(1200, false)))).toEqual([[0, "a"]]);
  });

  it("never has nothing to show: claims before the first picture count from it", () => {
    const b = lane("b", visible(500, true), ...opened(2000));
    expect(looked(lane("a", ...opened(0)), b)).toEqual([
      [0, "a"],
      [2005, "b"],
    ]);
  });

  it("is found at a moment, and when it is left", () => {
    const all = spans([lane("a", ...opened(0), click(3000)), lane("b", ...opened(1000))]);
    expect([windowAt(all, -5), windowAt(all, 2000), windowAt(all, 3000)]).toEqual(["a", "b", "a"]);
    expect([leftAt(all, 0, "a"), leftAt(all, 2000, "a"), leftAt(all, 3000, "a")]).toEqual([1005, Infinity, Infinity]);
  });
});

describe("pages", () => {
  const a = lane("a", ...opened(100, "https://a.example/1"), ...opened(500, "https://a.example/2"));
  it("are seen after their snapshot, whether their time is that of the announcement or of the snapshot", () => {
    expect([seenAt(a, 500), seenAt(a, 505), seenAt(a, 600)]).toEqual([506, 506, 601]);
  });

  it("find their window by time and address", () => {
    const b = lane("b", ...opened(500, "https://a.example/other"));
    expect(windowOf([a, b], "https://a.example/other", 500)?.id).toBe("b");
    expect(windowOf([a, b], "https://a.example/2", 505)?.id).toBe("a");
    expect(windowOf([a, b], "https://a.example/2", 777)).toBeNull();
  });
});

describe("idle time", () => {
  it("is where nobody does anything in any tab for more than 10 s", () => {
    const a = lane("a", ...opened(0), click(1000), click(60_000));
    const b = lane("b", ...opened(0), click(30_000));
    expect(idle([a], 0, 61_000)).toEqual([[2000, 59_000]]);
    expect(idle([a, b], 0, 61_000)).toEqual([
      [2000, 29_000],
      [31_000, 59_000],
    ]);
  });
});

describe("clicks", () => {
  const at = (time: number, x = 5) =>
    incremental(IncrementalSource.MouseInteraction, { type: MouseInteractions.Click, id: 1, x, y: 5 }, time);
  const found = (...events: eventWithTime[]) => {
    const activity = new Activity();
    for (const each of events) activity.add(each);
    return activity.notes.map(({ kind, at: time }) => [kind, time]);
  };

  it("are rage at the third near one in a row, once", () => {
    expect(found(at(0), at(500), at(900), at(1000))).toEqual([["rage", 900]]);
    expect(found(at(0), at(500), at(1600))).toEqual([]);
    expect(found(at(0), at(500, 90), at(900))).toEqual([]);
  });

  it("are dead where nothing follows though the page goes on", () => {
    const moved = (time: number) => incremental(IncrementalSource.MouseMove, { positions: [] }, time);
    expect(found(at(0), moved(2000), moved(3001))).toEqual([["dead", 0]]);
    expect(found(at(0), scroll(2000), moved(9000))).toEqual([]);
    expect(found(at(0))).toEqual([]);
  });
});
