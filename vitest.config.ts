import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // Many tests wait for sockets and other processes: no core has to be left for the runner.
    maxWorkers: "100%",
    // For a machine that is slow or busy; a test that hangs still ends.
    testTimeout: 60_000,
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    typecheck: { include: ["packages/*/test/**/*.test-d.ts"], tsconfig: "./tsconfig.type-tests.json" },
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      reporter: ["text", "html"],
      thresholds: { branches: 90, functions: 90, lines: 90, statements: 90 },
    },
  },
})
