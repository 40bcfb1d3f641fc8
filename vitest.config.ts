import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** The files that take long, longest first. Without a record of an earlier run, vitest goes by the size of a file. */
const long = ["Properties", "Soak", "Examples", "Transport", "Snippets"].map((name) => `/${name}.test.ts`)

/** Starts with what takes long, so that no worker is busy with it while the others have nothing left to do. */
class LongFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>) {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = long.findIndex((name) => moduleId.endsWith(name))
      return index < 0 ? long.length : index
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    // Many tests wait for sockets and other processes: no core has to be left for the runner.
    maxWorkers: "100%",
    // The files of a worker share what they import, which is a quarter of all time. Each test brings its own layers.
    isolate: false,
    sequence: { sequencer: LongFirst },
    // For a machine that is slow or busy; a test that hangs still ends.
    testTimeout: 60_000,
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // `npm test -- --coverage` measures it.
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      reporter: ["text", "html"],
      thresholds: { branches: 90, functions: 90, lines: 90, statements: 90 },
    },
  },
})
