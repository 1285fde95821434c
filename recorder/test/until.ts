import { expect } from "vitest";

/** Lets real work (gzip runs on another thread) go on until `holds` does not throw; fake timers stand still. */
export async function until(holds: () => void): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    try {
      return holds();
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(holds).not.toThrow();
}
