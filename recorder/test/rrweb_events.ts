import { EventType, type eventWithTime, IncrementalSource } from "@rrweb/types";

export const meta = (timestamp = 0): eventWithTime => ({
  type: EventType.Meta,
  data: { href: "http://site.test/", width: 800, height: 600 },
  timestamp,
});

export const snapshot = (timestamp = 0): eventWithTime => ({
  type: EventType.FullSnapshot,
  data: { node: { type: 0, childNodes: [], id: 1 }, initialOffset: { left: 0, top: 0 } },
  timestamp,
});

/** Something the page did by itself; `filler` makes it as long as a test needs. */
export const mutation = (filler = "", timestamp = 0): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: {
    source: IncrementalSource.Mutation,
    texts: [{ id: 2, value: filler }],
    attributes: [],
    removes: [],
    adds: [],
  },
  timestamp,
});

/** Something the user did. */
export const scroll = (timestamp = 0): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.Scroll, id: 1, x: 0, y: 10 },
  timestamp,
});
