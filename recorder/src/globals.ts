/** Put by the build in the place of these globals; see `natives`. */
import { original } from "./natives";

const view = globalThis;
// Bound to this window they work on when the frame they may come from is gone.
export const fetch = original(view.fetch, (other) => other.fetch).bind(view);
export const setTimeout = original(view.setTimeout, (other) => other.setTimeout).bind(view);
export const clearTimeout = original(view.clearTimeout, (other) => other.clearTimeout).bind(view);
export const MutationObserver = original(view.MutationObserver, (other) => other.MutationObserver);
// One of a frame that is gone would never settle.
const { Promise } = view;
export { Promise };
export { from as nativeFrom, now as nativeNow, stringify as nativeStringify, tick as nativeTick } from "./natives";
