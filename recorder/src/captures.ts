import { EventType, type eventWithTime, type NetworkData, type RecordPlugin } from "@rrweb/types";
import { getRecordConsolePlugin } from "@rrweb/rrweb-plugin-console-record";
import { getRecordNetworkPlugin } from "@rrweb/rrweb-plugin-network-record";

/** Messages and requests that are told in a minute at most: a page that logs in a loop is not to fill the line. */
export const MOST_MESSAGES = 200;
export const MOST_REQUESTS = 300;
const MINUTE_MS = 60_000;
/** Longer addresses are left out: `data:` and the like, no places. */
const MOST_CHARACTERS = 2_048;

type Tell = (event: eventWithTime) => void;

/** Console messages but errors, which every recorder tells. Gives what ends it. */
export function captureConsole(tell: Tell): () => void {
  const allowance = new Allowance(MOST_MESSAGES);
  const plugin = getRecordConsolePlugin({
    level: ["log", "info", "warn", "debug", "trace", "assert", "count", "dir", "table", "timeEnd", "timeLog"],
    // The plugin counts for the whole page and then goes silent; ours is by the minute.
    lengthThreshold: Number.MAX_SAFE_INTEGER,
    stringifyOptions: { stringLengthLimit: 2_000, numOfKeysLimit: 50, depthOfLimit: 4 },
  });
  return observe(plugin, (payload) => {
    if (allowance.take(1) > 0) tell(event(plugin, payload));
  });
}

/** Requests by the browser's own account, without their headers and bodies, but those to the gateway. */
export function captureNetwork(endpoint: string, tell: Tell): () => void {
  const allowance = new Allowance(MOST_REQUESTS);
  const plugin = getRecordNetworkPlugin({
    recordHeaders: false,
    recordBody: false,
    recordInitialRequests: true,
    transformRequestFn: (request) => {
      const address = request.name ?? "";
      const isOurs = address.startsWith(`${endpoint}/`);
      return isOurs || address.length > MOST_CHARACTERS || !/^https?:/.test(address) ? undefined : request;
    },
  });
  return observe(plugin, (payload) => {
    const data = payload as NetworkData;
    const requests = data.requests.slice(0, allowance.take(data.requests.length));
    if (requests.length > 0) tell(event(plugin, { ...data, requests }));
  });
}

/** So many in a minute, then none until the next. */
class Allowance {
  private left = 0;
  private until = -Infinity;

  constructor(private readonly most: number) {}

  take(wanted: number): number {
    const now = performance.now();
    if (now >= this.until) {
      this.left = this.most;
      this.until = now + MINUTE_MS;
    }
    const taken = Math.min(wanted, this.left);
    this.left -= taken;
    return taken;
  }
}

function observe(plugin: RecordPlugin, callback: (payload: unknown) => void): () => void {
  return plugin.observer?.(callback, window, plugin.options) ?? (() => undefined);
}

function event({ name }: RecordPlugin, payload: unknown): eventWithTime {
  return { type: EventType.Plugin, timestamp: Date.now(), data: { plugin: name, payload } };
}
