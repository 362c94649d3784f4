import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    unstubGlobals: true,
    // No test is about time; a machine under load is slow.
    testTimeout: 120_000,
  },
});
