import { v7 as uuidv7, validate, version } from "uuid";
import type { KeyValue } from "./storage";

const STORAGE_KEY = "reelstream.window";

/**
 * The id of this tab, from sessionStorage, or a new one.
 *
 * A duplicated tab starts with a copy of sessionStorage. So the id is there only between two pages: a page takes
 * it out when it opens and puts it back when it is left (`leave`), and a copy made meanwhile has none to find.
 * Unlike a lock held per tab, this needs no secure context, no waiting, and leaves the page fit for the
 * back/forward cache.
 */
export class WindowId {
  readonly value: string;

  /** `inside`: in a frame that shares the storage with its tab's page, whose id is not the frame's. */
  constructor(
    private readonly storage: KeyValue,
    private readonly inside = false,
  ) {
    const kept = inside ? null : storage.get(STORAGE_KEY);
    this.value = kept !== null && validate(kept) && version(kept) === 7 ? kept.toLowerCase() : uuidv7();
    this.resume();
  }

  /** The page is being left: the next page of this tab may take the id. */
  leave(): void {
    if (!this.inside) this.storage.set(STORAGE_KEY, this.value);
  }

  /** The page came back from the back/forward cache: the id is in use again. */
  resume(): void {
    if (!this.inside) this.storage.remove(STORAGE_KEY);
  }
}
