import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["recorder/test/**/*.test.ts", "replay/web/**/*.test.ts"], restoreMocks: true },
});
