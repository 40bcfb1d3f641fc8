/**
 * Each example runs as a reader would run it: in a process of its own. How the examples read their environment is tested
 * in `ExamplesEnvironment.test.ts`.
 */
import { NodeHttpServer, NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { LocalApi, Sandbox } from "@effect-sunco/testing"
import { Effect, Layer, Stream } from "effect"
import { HttpServer } from "effect/http"
import * as ChildProcess from "effect/process/ChildProcess"
import type { ChildProcessHandle } from "effect/process/ChildProcessSpawner"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import { findSnippets } from "./support/snippets.ts"

const { appId, conversationId, keyId, secret, userId } = Sandbox.demo

/** A conversation that the user of the demo has joined. */
const joinedId = "029c31f25a21b47effd7be92"

/** Conversations that `keep-roster` changes, with the user of the demo in each. */
const rosterId = "029c31f25a21b47effd7be93"
const typoId = "029c31f25a21b47effd7be94"

/** An API that listens: the demo, with conversations more. */
const ApiLive = Layer.unwrap(
  Effect.sync(() => {
    const seed = Sandbox.demoSeed({ members: 120 })
    const apps = (seed.apps ?? []).map((app) => ({
      ...app,
      conversations: [
        ...(app.conversations ?? []),
        ...[joinedId, rosterId, typoId].map((id) => ({ id, type: "sdkGroup" as const, participants: [userId] })),
      ],
    }))
    return LocalApi.layerServer({ ...seed, apps })
  }),
).pipe(Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))

/** An example in a process of its own, with the Node of this one and nothing else of its environment. */
const command = (name: string, env: Record<string, string>) =>
  ChildProcess.make(process.execPath, [fileURLToPath(new URL(`../examples/src/${name}.ts`, import.meta.url))], { env })

/** The first snippet of the README, in a process of its own, as a module of this folder. */
const firstCall = (env: Record<string, string>) => {
  const { code = "" } = findSnippets().find(({ file }) => file === "README.md") ?? {}
  const options = { env, cwd: fileURLToPath(new URL(".", import.meta.url)) }
  return ChildProcess.make(process.execPath, ["--input-type=module-typescript", "--eval", code], options)
}

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

const ended = Effect.fnUntraced(function* (process: ChildProcess.Command) {
  const { exitCode, stderr, stdout } = yield* process
  const [output, errors, code] = yield* Effect.all([text(stdout), text(stderr), exitCode], { concurrency: "unbounded" })
  return { output, errors, code }
}, Effect.scoped)

const run = (name: string, env: Record<string, string> = {}) => ended(command(name, env))

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

/** What the environment says of the API that listens, without a user. */
const environment = Effect.map(HttpServer.HttpServer, ({ address }) => ({
  SUNCO_BASE_URL: HttpServer.formatAddress(address),
  SUNCO_APP_ID: appId,
  SUNCO_CONVERSATION_ID: conversationId,
  SUNCO_KEY_ID: keyId,
  SUNCO_KEY_SECRET: secret,
}))

/** The process of a sandbox that listens, its base URL, and all it has printed. */
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

const participantsUrl = (baseUrl: string) => `${baseUrl}/v2/apps/${appId}/conversations/${conversationId}/participants`

const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`

/** The status, the body and the headers of an answer to `fetch`. */
const call = (url: string, init?: RequestInit) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    return { status: response.status, body: await response.text(), headers: response.headers }
  })

layer(Layer.merge(NodeServices.layer, ApiLive), { excludeTestServices: true })("Examples", (it) => {
  describe.concurrent("with no environment", () => {
    it.effect("list-participants streams 3,000 participants, lets a user join and leave, and sums up", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("list-participants")
        assert.match(output, /a local API stands in: http:\/\/127\.0\.0\.1:\d+, 3,000 participants/)
        assert.match(output, /page 1 +100 so far\n.*page 2 +200 so far\n.*page 3 +300 so far\n.*page 10 +1,000 so far/)
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
    )

    it.effect("join-and-leave lets the user join, and the participant leave", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("join-and-leave")
        assert.include(output, "a local API stands in")
        const joined = new RegExp(`User ${userId} joined as participant ([0-9a-f]{24})\n`).exec(output)
        assert.include(output, `Participant ${joined?.[1]} left`)
        assert.notInclude(output, secret)
      }),
    )

    it.effect("keep-roster lets two leave and three join, and does nothing the second time", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("keep-roster")
        assert.include(output, "a local API stands in")
        assert.match(output, /first run +2 left, 3 joined, 0 failed\nsecond run +0 left, 0 joined, 0 failed\n$/)
      }),
    )

    it.effect("limit-requests keeps to 5 requests a second, and stops asking an API that is down", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("limit-requests")
        assert.include(output, "a local API stands in")
        const rows = [...output.matchAll(/second (\d+) +#* +(\d+) sent/g)]
        assert.equal(
          rows.reduce((sum, [, , sent]) => sum + Number(sent), 0),
          12,
        )
        // Two of the 12 have to wait for the third window.
        assert.isAtLeast(Number(rows.at(-1)?.[1]), 3)
        assert.match(output, /call 3 +sent +list in conversation .+: Transport: the connection was refused/)
        assert.match(
          output,
          /call 4 +not sent +list in conversation .+: Transport: the circuit breaker let no request through/,
        )
        assert.match(output, /later +sent +list in conversation .+: Transport: the connection was refused/)
      }),
    )

    it.effect("handle-errors handles by tag, by code and by reason", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("handle-errors")
        assert.include(output, "a local API stands in")
        assert.match(output, /by tag {5}NotFound: join in conversation .+: 404 user_not_found/)
        assert.include(output, "by code    not_found: no member, or a wrong address")
        assert.include(output, "by reason  InvalidRequest: page.size: Expected a whole number from 1 to 100")
        assert.include(output, "by reason  Unauthorized: rejected; trying again does not help")
        assert.notInclude(output, secret)
      }),
    )

    it.effect("sign-in-with-jwt lists the first five participants", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("sign-in-with-jwt")
        assert.include(output, "a local API stands in")
        assert.match(
          output,
          /Signed in with a JWT\. The first participants:\n( {2}[0-9a-f]{24} {2}user [0-9a-f]{24}\n){5}$/,
        )
        assert.notInclude(output, secret)
      }),
    )

    it.effect("observe-calls shows a join that met a 429, and was lost and found, as a trace, metrics and logs", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("observe-calls")
        const [traces = "", metrics = "", logs = ""] = output.split("\n\n")
        const post = "POST /v2/apps/{appId}/conversations/{conversationId}/join"
        const get = "GET /v2/apps/{appId}/conversations/{conversationId}/participants"
        assert.deepEqual(
          traces.split("\n").map((line) => line.replace(/^ {2}at +[\d,]+ ms (?: +[\d,]+ ms| {9}) {2}/, "")),
          [
            "Traces",
            "Participants.join  sunco.attempts=1 sunco.outcome=success",
            `  ${post}  http.response.status_code=429 error.type=RateLimited`,
            "  Participants.wait  sunco.wait.cause=rate limited",
            `  ${post}  http.request.resend_count=1 error.type=Transport`,
            "  * write in doubt  error.type=Transport",
            "  Participants.wait  sunco.wait.cause=verification",
            "  Participants.verify  sunco.verification.result=shown",
            ...Array.from({ length: 3 }, () => `    ${get}  http.response.status_code=200`),
            "  * write settled  sunco.write.settled_as=shown",
            "Participants.list  sunco.attempts=1 sunco.outcome=success",
            `  ${get}  http.response.status_code=200`,
          ],
        )
        assert.match(
          traces,
          /at +[\d,]+ ms +(1,9|[2-9],\d)\d\d ms +Participants\.wait +sunco\.wait\.cause=rate limited/,
        )

        assert.match(
          metrics,
          /sunco\.client\.call\.duration +1 x, [\d.]+ s +sunco\.operation=join sunco\.outcome=success/,
        )
        assert.match(metrics, /sunco\.client\.request\.duration +3 x, .* sunco\.operation=verify/)
        assert.match(metrics, /sunco\.client\.writes_in_doubt +1 {write} .*settled_as=shown/)
        assert.match(metrics, /sunco\.client\.active_requests +0 {request}/)

        assert.match(logs, /Debug {2}Participants\.join: write settled: shown/)
        for (const hidden of [secret, userId]) assert.notInclude(output, hidden)
      }),
    )

    it.effect("swap-in-a-test-layer tests the application on both layers", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("swap-in-a-test-layer")
        assert.include(output, `On the memory layer: "welcome", and 250 participants became 251.`)
        assert.include(output, `On a mock that answers 400: "sorry, the conversation is full".`)
      }),
    )
  })

  describe.concurrent("with an environment that names an API", () => {
    it.effect("the first call of the README lists the first page", () =>
      Effect.gen(function* () {
        const { code, errors, output } = yield* ended(firstCall(yield* environment))
        assert.deepEqual({ code, errors }, { code: 0, errors: "" })
        assert.include(output, "25 participants on the first page")
      }),
    )

    it.effect("list-participants lists there, and the user joins and leaves there", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("list-participants", { ...(yield* environment), SUNCO_USER_ID: userId })
        assert.notInclude(output, "a local API stands in")
        assert.match(output, /all pages +120\n/)
        assert.match(output, /left again +no: NotFound, code not_found/)
        assert.match(output, /calls +7\n +pages +2 listed\n +participants +120 listed/)
        assert.notInclude(output, secret)

        const sandbox = yield* Sandbox.Sandbox
        const writes = (yield* sandbox.calls)
          .filter((call) => call.changed && call.conversationId === conversationId)
          .map(({ operation }) => operation)
        assert.deepEqual(writes, ["join", "leave"])
      }),
    )

    it.effect("list-participants lets nobody join if no user is named", () =>
      Effect.gen(function* () {
        const output = yield* outputOf("list-participants", {
          ...(yield* environment),
          SUNCO_CONVERSATION_ID: joinedId,
        })
        assert.include(output, "Nobody joins or leaves: SUNCO_USER_ID is not set")
        assert.match(output, /calls +1\n +pages +1 listed/)
      }),
    )

    it.effect("list-participants leaves a user alone who has joined before", () =>
      Effect.gen(function* () {
        const conversation = { appId, conversationId: joinedId }
        const output = yield* outputOf("list-participants", {
          ...(yield* environment),
          SUNCO_CONVERSATION_ID: joinedId,
          SUNCO_USER_ID: userId,
        })
        assert.match(output, /has joined +before, and is left alone/)
        assert.match(output, /calls +1\n/)

        const sandbox = yield* Sandbox.Sandbox
        assert.deepEqual(
          (yield* sandbox.participants(conversation)).map((participant) => participant.userId),
          [userId],
        )
      }),
    )

    it.effect("keep-roster ends the second membership of a user, and keeps the first", () =>
      Effect.gen(function* () {
        const conversation = { appId, conversationId: rosterId }
        const sandbox = yield* Sandbox.Sandbox
        yield* sandbox.addParticipant({ ...conversation, userId })
        const before = yield* sandbox.participants(conversation)
        assert.lengthOf(before, 2)

        const env = { ...(yield* environment), SUNCO_CONVERSATION_ID: rosterId, SUNCO_USER_IDS: userId }
        assert.match(yield* outputOf("keep-roster", env), /first run +1 left, 0 joined, 0 failed\nsecond run +0 left/)
        assert.deepEqual(yield* sandbox.participants(conversation), before.slice(0, 1))
      }),
    )

    it.effect("keep-roster says who could not join, and ends with 1", () =>
      Effect.gen(function* () {
        const env = { ...(yield* environment), SUNCO_CONVERSATION_ID: typoId, SUNCO_USER_IDS: `${userId},nobody` }
        const errors = yield* failureOf("keep-roster", env)
        assert.match(
          errors,
          new RegExp(
            `^join of userId nobody failed\n +join in conversation ${typoId} of app ${appId} at .+: 404 user_not_found.+\n`,
          ),
        )
        assert.include(errors, "The roster is not right yet: create the users that were not found, then run it again")
      }),
    )

    it.effect("an example that fails says why in one line, and ends with 1", () =>
      Effect.gen(function* () {
        const errors = yield* failureOf("list-participants", { ...(yield* environment), SUNCO_KEY_SECRET: "wrong" })
        const { SUNCO_BASE_URL } = yield* environment
        assert.equal(
          errors,
          `list in conversation ${conversationId} of app ${appId} at ${SUNCO_BASE_URL}: Unauthorized: 401 unauthorized: Authorization is required; the request had basic credentials: the key id or the secret may be wrong\n`,
        )
      }),
    )
  })

  describe.concurrent("sandbox", () => {
    it.effect("prints what it holds and a call to try, and answers it", () =>
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
    )

    it.effect("holds as many conversations and users as the environment says, and prints each", () =>
      Effect.gen(function* () {
        const seed = Sandbox.demoSeed({ conversations: 2, users: 2 })
        const { baseUrl, output } = yield* startSandbox({
          SANDBOX_CONVERSATIONS: "2",
          SANDBOX_USERS: "2",
          SANDBOX_PARTICIPANTS: "1",
        })
        for (const id of seed.conversationIds) {
          assert.include(output, `${id}  sdkGroup, 1 participants`)
          const url = `${baseUrl}/v2/apps/${appId}/conversations/${id}/participants`
          const answer = yield* call(url, { headers: { authorization } })
          assert.equal(answer.body.match(/"userId":/g)?.length, 1)
        }
        for (const id of seed.userIds) assert.include(output, `${id}  has not joined`)
      }),
    )

    it.effect("fails the requests of each operation in turn, as SANDBOX_FAULTS says", () =>
      Effect.gen(function* () {
        const { baseUrl, output } = yield* startSandbox({ SANDBOX_FAULTS: "none, 503, htmlBody" })
        assert.include(output, "none, 503, htmlBody: in turn")
        const list = call(participantsUrl(baseUrl), { headers: { authorization } })
        const answers = yield* Effect.replicateEffect(list, 4)
        assert.deepEqual(
          answers.map(({ body, status }) => [status, body.slice(0, 2)]),
          [
            [200, `{"`],
            [503, `{"`],
            [200, "<!"],
            [200, `{"`],
          ],
        )
      }),
    )

    it.effect("answers 429 beyond SANDBOX_LIMIT requests a second", () =>
      Effect.gen(function* () {
        const { baseUrl, output } = yield* startSandbox({ SANDBOX_LIMIT: "3" })
        assert.include(output, "3 requests a second")
        const list = call(participantsUrl(baseUrl), { headers: { authorization } })
        const answers = yield* Effect.replicateEffect(list, 50, { concurrency: "unbounded" })
        const served = answers.filter(({ status }) => status === 200)
        const refused = answers.filter(({ status }) => status === 429)
        assert.isAtLeast(served.length, 3)
        assert.isNotEmpty(refused)
        assert.lengthOf([...served, ...refused], 50)
        assert.isTrue(refused.every(({ headers }) => headers.get("retry-after") === "1"))
        assert.isTrue(refused.every(({ body }) => body.includes("More than 3 requests in a second: SANDBOX_LIMIT")))
      }),
    )

    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it.effect(`ends well on ${signal}`, () =>
        Effect.gen(function* () {
          const { baseUrl, handle } = yield* startSandbox()
          assert.equal((yield* call(participantsUrl(baseUrl))).status, 401)
          assert.equal(yield* stop(handle, signal), 0)
        }),
      )
    }

    it.effect("refuses a setting out of its limits, and names it", () =>
      Effect.gen(function* () {
        const errors = yield* failureOf("sandbox", { PORT: "0", SANDBOX_PARTICIPANTS: "1000001" })
        assert.include(errors, `SANDBOX_PARTICIPANTS is "1000001": Expected a whole number from 0 to 1,000,000`)
        const none = yield* failureOf("sandbox", { PORT: "0", SANDBOX_USERS: "0" })
        assert.include(none, `SANDBOX_USERS is "0": Expected a whole number from 1 to 1,000`)
        const fault = yield* failureOf("sandbox", { PORT: "0", SANDBOX_FAULTS: "none,resett" })
        assert.match(fault, /SANDBOX_FAULTS has "resett": Expected a status from 300 to 599, or one of none, .*reset, /)
      }),
    )

    it.effect("says that its port is taken, and what to do", () =>
      Effect.gen(function* () {
        const { port } = new URL((yield* environment).SUNCO_BASE_URL)
        assert.match(
          yield* failureOf("sandbox", { PORT: port }),
          new RegExp(`^The environment is not right: PORT is ${port}: .* already in use .*; set PORT to another port`),
        )
      }),
    )
  })
})
