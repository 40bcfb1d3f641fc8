import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Sandbox } from "@effect-sunco/testing"
import { Effect, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import type { ChildProcessHandle } from "effect/process/ChildProcessSpawner"
import { fileURLToPath } from "node:url"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo

const timeout = 60_000

/** An example in a process of its own, with the Node of this one and nothing else of its environment. */
const command = (name: string, env: Record<string, string>) =>
  ChildProcess.make(process.execPath, [fileURLToPath(new URL(`../examples/src/${name}.ts`, import.meta.url))], { env })

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

const run = Effect.fnUntraced(function* (name: string, env: Record<string, string> = {}) {
  const { exitCode, stderr, stdout } = yield* command(name, env)
  const [output, errors, code] = yield* Effect.all([text(stdout), text(stderr), exitCode], { concurrency: "unbounded" })
  return { output, errors, code }
}, Effect.scoped)

/** Runs an example that has to succeed, and gives what it printed. */
const outputOf = Effect.fnUntraced(function* (name: string, env?: Record<string, string>) {
  const { code, errors, output } = yield* run(name, env)
  assert.deepEqual({ code, errors }, { code: 0, errors: "" })
  return output
})

/** Runs an example that has to fail, and gives the reason it printed. */
const failureOf = Effect.fnUntraced(function* (name: string, env: Record<string, string>) {
  const { code, errors } = yield* run(name, env)
  assert.equal(code, 1)
  assert.notMatch(errors, /^\s+at .*:\d+:\d+/m, "a stack was printed")
  return errors
})

/** A sandbox that listens: its process, its base URL, and all it has printed. */
const startSandbox = Effect.fnUntraced(function* (env: Record<string, string> = {}) {
  const handle = yield* command("sandbox", { PORT: "0", ...env })
  const lines = yield* Stream.decodeText(handle.stdout).pipe(
    Stream.splitLines,
    Stream.takeUntil((line) => line.includes("curl")),
    Stream.runCollect,
  )
  const output = lines.join("\n")
  return { handle, output, baseUrl: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "" }
})

const stop = (handle: ChildProcessHandle, killSignal: ChildProcess.Signal) =>
  Effect.andThen(handle.kill({ killSignal }), handle.exitCode)

const conversationUrl = (baseUrl: string) => `${baseUrl}/v2/apps/${appId}/conversations/${conversationId}`

const participantsUrl = (baseUrl: string) => `${conversationUrl(baseUrl)}/participants`

const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`

/** The status and the body of an answer to `fetch`. */
const call = (url: string, init?: RequestInit) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    return { status: response.status, body: await response.text() }
  })

/** What the environment says of a sandbox, without a user. */
const environmentOf = (baseUrl: string) => ({
  SUNCO_BASE_URL: baseUrl,
  SUNCO_APP_ID: appId,
  SUNCO_CONVERSATION_ID: conversationId,
  SUNCO_KEY_ID: keyId,
  SUNCO_KEY_SECRET: secret,
})

layer(NodeServices.layer, { excludeTestServices: true })("Examples", (it) => {
  describe("with no environment", () => {
    it.effect(
      "list-participants streams 3,000 participants, lets a user join and leave, and sums up",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("list-participants")
          assert.match(output, /a local API stands in: http:\/\/127\.0\.0\.1:\d+, 3,000 participants/)
          assert.match(
            output,
            /page 1 +100 so far\n.*page 2 +200 so far\n.*page 3 +300 so far\n.*page 10 +1,000 so far/,
          )
          assert.match(output, /all pages +3,000\n.*sdk +750\n/)
          assert.match(
            output,
            new RegExp(`User ${userId}\n +joined +as participant [0-9a-f]{24}\n +is listed +yes\n +left +yes`),
          )
          assert.match(output, /left again +no: NotFound, code not_found/)
          // 30 pages to list all, one join, 31 pages to find the user, and two leaves.
          assert.match(output, /calls +64\n +pages +30 listed\n +participants +3,000 listed\n +time +\S+/)
          assert.notInclude(output, secret)
        }),
      timeout,
    )

    it.effect(
      "join-and-leave lets the user join, and the participant leave",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("join-and-leave")
          const joined = new RegExp(`User ${userId} joined as participant ([0-9a-f]{24})\n`).exec(output)
          assert.include(output, `Participant ${joined?.[1]} left`)
          assert.notInclude(output, secret)
        }),
      timeout,
    )

    it.effect(
      "limit-requests keeps to 5 requests a second, and stops asking an API that is down",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("limit-requests")
          const sent = [...output.matchAll(/second \d+ +#* +(\d+) sent/g)].map(([, count]) => Number(count))
          assert.equal(
            sent.reduce((sum, count) => sum + count, 0),
            12,
          )
          assert.isAtLeast(sent.length, 3)
          assert.match(output, /call 3 +sent +list: Transport: connect ECONNREFUSED/)
          assert.match(output, /call 4 +not sent +list: Transport: the circuit breaker let no request through/)
          assert.match(output, /later +sent +list: Transport: connect ECONNREFUSED/)
        }),
      timeout,
    )

    it.effect(
      "handle-errors handles by tag, by code and by reason",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("handle-errors")
          assert.include(output, "by tag     NotFound: join: 404 user_not_found")
          assert.include(output, "by code    not_found: the user was no member")
          assert.include(output, "by reason  InvalidRequest: page.size: Expected a whole number from 1 to 100")
          assert.include(output, "by reason  Unauthorized: rejected; trying again does not help")
          assert.notInclude(output, secret)
        }),
      timeout,
    )

    it.effect(
      "sign-in-with-jwt lists the first five participants",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("sign-in-with-jwt")
          assert.match(
            output,
            /Signed in with a JWT\. The first participants:\n( {2}[0-9a-f]{24} {2}user [0-9a-f]{24}\n){5}$/,
          )
          assert.notInclude(output, secret)
        }),
      timeout,
    )

    it.effect(
      "swap-in-a-test-layer tests the application on both layers",
      () =>
        Effect.gen(function* () {
          const output = yield* outputOf("swap-in-a-test-layer")
          assert.include(output, `On the memory layer: "welcome", and 250 participants became 251.`)
          assert.include(output, `On a mock that answers 400: "sorry, the conversation is full".`)
        }),
      timeout,
    )
  })

  describe("with an environment that names an API", () => {
    it.effect(
      "list-participants lists there, and the user joins and leaves there",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox({ SANDBOX_PARTICIPANTS: "120" })
          const output = yield* outputOf("list-participants", { ...environmentOf(baseUrl), SUNCO_USER_ID: userId })
          assert.notInclude(output, "a local API stands in")
          assert.match(output, /all pages +120\n/)
          assert.match(output, /left again +no: NotFound, code not_found/)
          assert.match(output, /calls +7\n +pages +2 listed\n +participants +120 listed/)
          assert.notInclude(output, secret)
        }),
      timeout,
    )

    it.effect(
      "list-participants lets nobody join if no user is named",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox({ SANDBOX_PARTICIPANTS: "120" })
          const output = yield* outputOf("list-participants", environmentOf(baseUrl))
          assert.include(output, "Nobody joins or leaves: SUNCO_USER_ID is not set")
          assert.match(output, /calls +2\n +pages +2 listed/)
        }),
      timeout,
    )

    it.effect(
      "list-participants leaves a user alone who has joined before",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox({ SANDBOX_PARTICIPANTS: "0" })
          const joined = yield* call(`${conversationUrl(baseUrl)}/join`, {
            method: "POST",
            headers: { authorization, "content-type": "application/json" },
            body: JSON.stringify({ userId, subscribeSDKClient: false }),
          })
          assert.equal(joined.status, 201)

          const output = yield* outputOf("list-participants", { ...environmentOf(baseUrl), SUNCO_USER_ID: userId })
          assert.match(output, /has joined +before, and is left alone/)
          assert.match(output, /calls +1\n/)
          assert.include((yield* call(participantsUrl(baseUrl), { headers: { authorization } })).body, userId)
        }),
      timeout,
    )

    it.effect(
      "join-and-leave and sign-in-with-jwt run there too",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox({ SANDBOX_PARTICIPANTS: "2" })
          const env = { ...environmentOf(baseUrl), SUNCO_USER_ID: userId }
          assert.match(yield* outputOf("join-and-leave", env), /^User \S+ joined as participant \S+\n/)
          assert.match(yield* outputOf("sign-in-with-jwt", env), /^Signed in with a JWT.*\n( {2}\S+ {2}user \S+\n){2}$/)
        }),
      timeout,
    )

    it.effect(
      "names the other half of a key that is set by half",
      () =>
        Effect.gen(function* () {
          assert.include(yield* failureOf("list-participants", { SUNCO_KEY_ID: keyId }), "SUNCO_KEY_SECRET")
          const errors = yield* failureOf("list-participants", { SUNCO_KEY_SECRET: "a-secret-value" })
          assert.include(errors, "SUNCO_KEY_ID")
          assert.notInclude(errors, "a-secret-value")
        }),
      timeout,
    )

    it.effect(
      "names the id that is not set",
      () =>
        Effect.gen(function* () {
          const env = { SUNCO_BASE_URL: "http://127.0.0.1:1", SUNCO_TOKEN: "token" }
          assert.include(yield* failureOf("list-participants", env), "SUNCO_APP_ID is not set")
          assert.include(
            yield* failureOf("list-participants", { ...env, SUNCO_APP_ID: appId }),
            "SUNCO_CONVERSATION_ID is not set",
          )
          assert.include(
            yield* failureOf("join-and-leave", { ...env, SUNCO_APP_ID: appId, SUNCO_CONVERSATION_ID: conversationId }),
            "SUNCO_USER_ID is not set",
          )
        }),
      timeout,
    )

    it.effect(
      "says in one line what the API refused",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox()
          const env = { ...environmentOf(baseUrl), SUNCO_KEY_SECRET: "wrong" }
          assert.equal(
            yield* failureOf("list-participants", env),
            "list: Unauthorized: 401 unauthorized: Authorization is required\n",
          )
        }),
      timeout,
    )
  })

  describe("sandbox", () => {
    it.effect(
      "prints what it holds and a call to try, and answers it",
      () =>
        Effect.gen(function* () {
          const { baseUrl, output } = yield* startSandbox()
          for (const held of [appId, `${conversationId}  sdkGroup, 250 participants`, userId, keyId, secret]) {
            assert.include(output, held)
          }
          const [, user = "", url = ""] = /curl -g -u (\S+) '(.+)'$/.exec(output) ?? []
          assert.isTrue(url.startsWith(participantsUrl(baseUrl)), `${url} is not the list of participants`)

          assert.equal((yield* call(url)).status, 401)
          const answer = yield* call(url, { headers: { authorization: `Basic ${btoa(user)}` } })
          assert.equal(answer.status, 200)
          assert.equal(answer.body.match(/"userId":/g)?.length, 2)
        }),
      timeout,
    )

    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it.effect(
        `ends well on ${signal}`,
        () =>
          Effect.gen(function* () {
            const { baseUrl, handle } = yield* startSandbox()
            assert.equal((yield* call(participantsUrl(baseUrl))).status, 401)
            assert.equal(yield* stop(handle, signal), 0)
          }),
        timeout,
      )
    }

    it.effect(
      "refuses settings out of their limits, and names them",
      () =>
        Effect.gen(function* () {
          for (const value of ["-1", "1.5", "many", "1000001"]) {
            assert.include(
              yield* failureOf("sandbox", { PORT: "0", SANDBOX_PARTICIPANTS: value }),
              `SANDBOX_PARTICIPANTS is "${value}": Expected a whole number from 0 to 1,000,000`,
            )
          }
          assert.include(
            yield* failureOf("sandbox", { PORT: "65536" }),
            `PORT is "65536": Expected a whole number from 0 to 65,535`,
          )
        }),
      timeout,
    )

    it.effect(
      "says that its port is taken",
      () =>
        Effect.gen(function* () {
          const { baseUrl } = yield* startSandbox()
          assert.include(yield* failureOf("sandbox", { PORT: new URL(baseUrl).port }), "EADDRINUSE")
        }),
      timeout,
    )
  })
})
