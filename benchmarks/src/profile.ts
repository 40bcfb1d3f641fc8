/**
 * Shows where the CPU of our `list` goes: time of its own, by place in the code, by module and by function.
 */
import { Session } from "node:inspector/promises"
import * as Ours from "./clients/ours.ts"
import { startServer } from "./support/startServer.ts"

const calls = 3_000

/** What a profile says in the format of the inspector; only the parts that are read. */
interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }>
  readonly samples?: ReadonlyArray<number> | undefined
  readonly timeDeltas?: ReadonlyArray<number> | undefined
}

export const profile = async (): Promise<void> => {
  const server = await startServer()
  for (const size of [25, 100]) {
    const client = await Ours.make({ baseUrl: server.baseUrl(`${size}`), size })
    await client.list(calls)
    const session = new Session()
    session.connect()
    await session.post("Profiler.enable")
    await session.post("Profiler.setSamplingInterval", { interval: 200 })
    await session.post("Profiler.start")
    await client.list(calls)
    const { profile } = await session.post("Profiler.stop")
    session.disconnect()
    await client.close()
    console.log(`\n### Where the CPU of ${calls} lists goes, ${size} participants a page\n`)
    console.log(summary(profile))
  }
  server.stop()
}

const summary = (profile: Profile): string => {
  const frames = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame]))
  const [byPlace, byModule, byFunction] = [new Sums(), new Sums(), new Sums()]
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const frame = frames.get(id)
    const time = profile.timeDeltas?.[index] ?? 0
    if (frame === undefined || frame.functionName === "(idle)" || frame.url === "node:inspector") continue
    const module = moduleOf(frame.url)
    // What has no module is the engine itself, such as the garbage collector.
    byPlace.add(module === "" ? frame.functionName : placeOf(module), time)
    byModule.add(module === "" ? frame.functionName : module, time)
    byFunction.add(`${frame.functionName || "(anonymous)"} ${module}:${frame.lineNumber + 1}`, time)
  }
  return [byPlace.top(12), byModule.top(30), byFunction.top(30)].join("\n\n")
}

/** A URL without what all of its kind have in common. */
const moduleOf = (url: string): string =>
  url.replace(/^.*\/node_modules\/(?!.*\/node_modules\/)/, "").replace(/^file:.*\/(packages|benchmarks)\//, "$1/")

const placeOf = (module: string): string =>
  module.startsWith("node:")
    ? "node"
    : module
        .split("/")
        .slice(0, module.startsWith("@") || module.startsWith("packages") ? 2 : 1)
        .join("/")

class Sums {
  readonly #sums = new Map<string, number>()

  add(name: string, time: number) {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + time)
  }

  top(count: number): string {
    const all = [...this.#sums.values()].reduce((one, other) => one + other, 0)
    return [...this.#sums]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, count)
      .map(([name, time]) => `${((100 * time) / all).toFixed(1).padStart(5)} %  ${name}`)
      .join("\n")
  }
}
