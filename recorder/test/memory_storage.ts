import type { KeyValue } from "../src/storage";

/** Browser storage as a map; `copy` is what a browser does when a tab is duplicated. */
export class MemoryStorage implements KeyValue {
  constructor(private readonly values = new Map<string, string>()) {}

  get(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  set(key: string, value: string): void {
    this.values.set(key, value);
  }

  remove(key: string): void {
    this.values.delete(key);
  }

  copy(): MemoryStorage {
    return new MemoryStorage(new Map(this.values));
  }
}
