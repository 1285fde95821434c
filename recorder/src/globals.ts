/** Put by the build in the place of these globals; see `natives`. */
const view = globalThis;
export const fetch = view.fetch.bind(view);
export const setTimeout = view.setTimeout.bind(view);
export const clearTimeout = view.clearTimeout.bind(view);
const { Promise, MutationObserver } = view;
export { Promise, MutationObserver };
export { from as nativeFrom, stringify as nativeStringify } from "./natives";
