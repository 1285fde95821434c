import { type Bytes, gzipped } from "./body";
import { backoffMs } from "./outcome";
import type { Transport } from "./transport";

/** Name of the IndexedDB database, of its one store and of the Web Lock of the tab that sends what is in it. */
const NAME = "reelstream";
const STORE = "unsent";
/** What one origin keeps at most, in bytes and ms. */
export const KEPT_BYTES = 5 * 1024 * 1024;
export const KEPT_MS = 24 * 60 * 60_000;
/** How long what a page stored while it sends it is left to that tab, in ms: as long as one request may take. */
const OWN_MS = 330_000;
/** Attempts of one page with one payload; the next page tries again. */
const ATTEMPTS = 4;

/** A payload as it would have been sent: the same address, with its identity, and the same bytes. */
interface Kept {
  readonly address: string;
  readonly bytes: Bytes;
}

interface Row extends Kept {
  readonly at: number;
  readonly size: number;
  /** Until when other tabs leave it alone; 0 once its page was left. */
  readonly until: number;
}

/** What a page could not send before it was left, for the next page of the origin. Nothing here throws or rejects. */
export class Unsent {
  private db: IDBDatabase | null = null;
  private bytes = 0;
  private leave: () => void = () => undefined;
  private sending = false;
  /** What this page stored of what it still sends: keys by address. */
  private readonly own = new Map<string, [number, string]>();

  /** Settled once it is known whether anything can be kept. */
  readonly opened = this.open();

  /** Whether anything can be kept. */
  get ready(): boolean {
    return this.db !== null;
  }

  /** Opens the database, since a page that is being left cannot wait for it, and deletes what is too old. */
  private async open(): Promise<void> {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE, { keyPath: ["at", "address"] }).createIndex("age", ["at", "size"]);
      };
      const db = await done(request);
      db.onversionchange = () => this.close();
      this.db = db;
      await this.trim();
    } catch {
      // No database in this browser, in this mode or for this origin: the server is told what is missing.
    }
  }

  /**
   * Stores the longest beginning there is room for, and says how many payloads that is. A browser may end the page
   * before it is written; what was stored by `ahead` is safe.
   */
  keep(payloads: readonly Kept[], until = 0): number {
    if (this.db === null || payloads.length === 0) return 0;
    try {
      const transaction = this.db.transaction(STORE, "readwrite");
      const store = transaction.objectStore(STORE);
      let kept = 0;
      for (const { address, bytes } of payloads) {
        if (!this.own.has(address)) {
          if (this.bytes + bytes.length > KEPT_BYTES) break;
          this.bytes += bytes.length;
          const row: Row = { address, bytes, at: Date.now(), size: bytes.length, until };
          store.add(row);
          if (until > 0) {
            this.own.set(address, [row.at, address]);
            // The disk may be full: then it is not kept, and is tried again as the page is left.
            transaction.onabort = () => this.own.delete(address);
          }
        }
        kept++;
      }
      // Else it would wait for events that a page which is gone does not get.
      transaction.commit?.();
      return kept;
    } catch {
      return 0;
    }
  }

  /** Stores what is on its way by a request that ends with the page. */
  ahead(payload: Kept): void {
    this.keep([payload], Date.now() + OWN_MS);
  }

  /** It need not be sent any more. */
  forget({ address, bytes }: Kept): void {
    const key = this.own.get(address);
    if (key === undefined || this.db === null) return;
    this.own.delete(address);
    this.bytes -= bytes.length;
    try {
      this.store("readwrite").delete(key);
    } catch {
      // The database is closing: a later page sends it again, and the server takes it once.
    }
  }

  /** Sends what earlier pages left, oldest first, if no other tab does. */
  async send(transport: Transport): Promise<void> {
    if (this.sending || this.db === null) return;
    this.sending = true;
    const left = new Promise<void>((resolve) => (this.leave = resolve));
    const work = (lock?: Lock | null): Promise<void> | undefined =>
      lock === null ? undefined : Promise.race([this.sendAll(transport), left]);
    try {
      // A page in an insecure context has no locks; what two tabs send, the server takes once.
      await (navigator.locks ? navigator.locks.request(`${NAME}.${STORE}`, { ifAvailable: true }, work) : work());
    } catch {
      // The database was closed or deleted.
    }
  }

  /** The page is being left: a lock that is held would keep it out of the back/forward cache. */
  pause(): void {
    this.sending = false;
    this.own.clear();
    this.leave();
  }

  private close(): void {
    this.db?.close();
    this.db = null;
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    if (this.db === null) throw new Error("closed");
    return this.db.transaction(STORE, mode).objectStore(STORE);
  }

  private async trim(): Promise<void> {
    const store = this.store("readwrite");
    const request = store.index("age").openKeyCursor();
    this.bytes = 0;
    for (let cursor = await done(request); cursor !== null; cursor = await done(request)) {
      const [at, size] = cursor.key as [number, number];
      if (Math.abs(Date.now() - at) > KEPT_MS || this.bytes + size > KEPT_BYTES) store.delete(cursor.primaryKey);
      else this.bytes += size;
      cursor.continue();
    }
  }

  private async sendAll(transport: Transport): Promise<void> {
    await this.trim();
    let after: IDBValidKey = [];
    for (;;) {
      const cursor: IDBCursorWithValue | null = await done(
        this.store("readonly").openCursor(IDBKeyRange.lowerBound(after, true)),
      );
      if (cursor === null || !this.sending) return;
      const row = cursor.value as Row;
      after = cursor.primaryKey;
      // Another project's, or another page's that still tries.
      if (!row.address.startsWith(transport.folder) || this.own.has(row.address)) continue;
      if (row.until > Date.now() && !row.address.includes(`/${transport.window}?`)) continue;
      if (!(await this.sendOne(transport, row))) return;
      await done(this.store("readwrite").delete(after));
      this.bytes -= row.size;
    }
  }

  /** True once the gateway has it or will never take it. */
  private async sendOne(transport: Transport, { address, bytes }: Row): Promise<boolean> {
    const plain = !address.includes("&enc=");
    let body = plain ? await gzipped(new Blob([bytes])) : { bytes };
    let to = body.enc ? `${address}&enc=${body.enc}` : address;
    let told = false;
    for (let attempt = 1; attempt <= ATTEMPTS && this.sending; attempt++) {
      const outcome = await transport.send(to, body.bytes, false);
      if (outcome.kind === "stored" || outcome.kind === "stop") return true;
      if (outcome.kind === "drop" || (outcome.kind === "smaller" && (attempt > 1 || !outcome.slow))) {
        // Its number is free for the reason why it is not there.
        if (told) return true;
        told = true;
        to = address.replace(/&(enc|kf)=\w+/g, "");
        body = { bytes: new TextEncoder().encode('{"not_recorded":{"reason":"left_early","count":1},"events":[]}') };
      }
      const wait = outcome.kind === "retry" ? outcome.afterMs : 0;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, wait, Math.random())));
    }
    return false;
  }
}

/** Deletes what any page kept; pages that have the database open close it. */
export function deleteUnsent(): void {
  try {
    indexedDB.deleteDatabase(NAME);
  } catch {
    // There is none in this browser.
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
