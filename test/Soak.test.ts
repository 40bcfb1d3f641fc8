import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Duration, Effect, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { fileURLToPath } from "node:url"
import { type Figures, problems } from "./support/soak.ts"

const script = fileURLToPath(new URL("../scripts/soak.ts", import.meta.url))

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

const run = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const { exitCode, stderr, stdout } = yield* ChildProcess.make(process.execPath, args)
  const [output, errors, code] = yield* Effect.all([text(stdout), text(stderr), exitCode], { concurrency: "unbounded" })
  return { output, errors, code }
}, Effect.scoped)

/** The figures by name. */
const figuresOf = (output: string): ReadonlyMap<string, string> =>
  new Map(Array.from(output.matchAll(/^(\w+) +(.+)$/gm), ([, name = "", value = ""]) => [name, value]))

/** All whole numbers of a figure. */
const numbersOf = (figure: string | undefined): ReadonlyArray<number> =>
  Array.from((figure ?? "").replaceAll(",", "").matchAll(/\d+/g), Number)

layer(NodeServices.layer, { excludeTestServices: true })("a soak", (it) => {
  it.effect(
    "of 1,000 mixed calls under faults over real sockets leaves nothing behind",
    () =>
      Effect.gen(function* () {
        const { code, errors, output } = yield* run(["--expose-gc", script, "1000"])
        assert.deepEqual({ code, errors }, { code: 0, errors: "" }, output)

        const figures = figuresOf(output)
        const ends = ["join", "leave", "list", "paging"].flatMap((operation) => numbersOf(figures.get(operation)))
        assert.strictEqual(
          ends.reduce((sum, count) => sum + count, 0),
          1_000,
          "each call ends in one way",
        )
        const [requests = 0, faults = 0] = numbersOf(figures.get("requests"))
        assert.isAbove(requests, 1_000)
        assert.isAbove(faults, 50)
        assert.match(figures.get("sockets") ?? "", /, 0 when the layer has ended$/)
        assert.strictEqual(figures.get("fibers"), "0 before, 0 after")
        for (const name of ["timers", "resources"]) {
          const [before, after] = numbersOf(figures.get(name))
          assert.strictEqual(after, before, name)
        }
        assert.include(output, "No double write, no leak, no defect, no credential shown")
      }),
    120_000,
  )

  it.effect(
    "that cannot measure memory says so, and ends with 1",
    () =>
      Effect.gen(function* () {
        const { code, errors } = yield* run([script, "1"])
        assert.strictEqual(code, 1)
        assert.include(errors, "--expose-gc")
      }),
    120_000,
  )
})

describe("a problem", () => {
  const census = {
    heap: 40_000_000,
    timers: 1,
    resources: 2,
    fibers: 3,
    server: { requests: 0, faults: 0, connections: 0, fibers: 1, joins: 9, doubleWrites: 0, deniedWrites: 0 },
  }
  const found = { secrets: 0, defects: 0, samples: [] }
  const figures: Figures = {
    calls: 1_000,
    outcomes: new Map(),
    duration: Duration.seconds(1),
    before: census,
    after: { ...census, server: { ...census.server, connections: 40 } },
    ended: census,
    atOnce: { most: 16, after: 16 },
    found,
  }

  it("is none where all is as before, beside connections that are kept alive while the layer lives", () => {
    assert.deepStrictEqual(problems(figures), [])
  })

  const cases: ReadonlyArray<readonly [string, Partial<Figures>]> = [
    ["heap: 45.0 MB, and 40.0 MB before", { after: { ...census, heap: 45_000_000 } }],
    ["timers: 2, and 1 before", { after: { ...census, timers: 2 } }],
    ["resources: 4, and 2 before", { ended: { ...census, resources: 4 } }],
    ["fibers: 9, and 3 before", { after: { ...census, fibers: 9 } }],
    ["sockets: 1, and 0 before", { ended: { ...census, server: { ...census.server, connections: 1 } } }],
    ["requests at once: 17, and 16 before", { atOnce: { most: 17, after: 16 } }],
    ["permits: 15 of 16 are left", { atOnce: { most: 16, after: 15 } }],
    [
      "joins that were written twice: 1, and 0 before",
      { ended: { ...census, server: { ...census.server, doubleWrites: 1 } } },
    ],
    [
      "joins that were written, and failed as if they were not: 1, and 0 before",
      { ended: { ...census, server: { ...census.server, deniedWrites: 1 } } },
    ],
    ["defects: 1, and 0 before", { found: { ...found, defects: 1 } }],
    ["credentials in errors, logs and spans: 1, and 0 before", { found: { ...found, secrets: 1 } }],
    ["fibers of the server: 2, and 1 before", { ended: { ...census, server: { ...census.server, fibers: 2 } } }],
  ]
  for (const [expected, changed] of cases) {
    it(`is told: ${expected}`, () => {
      assert.deepStrictEqual(problems({ ...figures, ...changed }), [expected])
    })
  }
})
