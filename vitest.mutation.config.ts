import { defineConfig } from "vitest/config"

/** For Stryker, which mutates core and http: only their own tests can reach a mutant. See docs/mutation.md. */
export default defineConfig({
  test: { include: ["packages/{core,http}/test/**/*.test.ts"] },
})
