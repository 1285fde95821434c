/** What identity needs of localStorage and sessionStorage. Nothing here throws. */
export interface KeyValue {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/**
 * A browser storage that may be missing, full or forbidden (private mode, sandboxed frame, blocked cookies):
 * reads then give null and writes do nothing, so that identity lives in memory for this page load.
 */
export function tolerant(open: () => Storage): KeyValue {
  const attempt = <T>(use: (storage: Storage) => T, otherwise: T): T => {
    try {
      return use(open());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => attempt((storage) => storage.getItem(key), null),
    set: (key, value) => attempt((storage) => storage.setItem(key, value), undefined),
    remove: (key) => attempt((storage) => storage.removeItem(key), undefined),
  };
}
