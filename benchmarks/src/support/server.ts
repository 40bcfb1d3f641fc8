/**
 * The server of all sections, in a process of its own: its CPU is not measured.
 *
 * Listens on a free port of this machine, tells its parent where, and ends with it. The first part of a path names the
 * answer. Every body is made once.
 */
import { createServer, type RequestListener, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { generate } from "selfsigned"
import * as Body from "./body.ts"

const json = "application/json; charset=utf-8"

type Answer = (response: ServerResponse, url: URL, method: string | undefined) => void

const whole = (text: string, status = 200): Answer => {
  const body = Buffer.from(text)
  return (response) =>
    void response.writeHead(status, { "content-type": json, "content-length": body.length }).end(body)
}

/** Without a length: the body comes in chunks of 2 kB. */
const chunked = (text: string): Answer => {
  const body = Buffer.from(text)
  const chunks = Array.from({ length: Math.ceil(body.length / 2048) }, (_, index) =>
    body.subarray(index * 2048, (index + 1) * 2048),
  )
  return (response) => {
    response.writeHead(200, { "content-type": json })
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
}

/** Three pages of 100, a join that succeeds, and no other conversation. */
const conversation = (): Answer => {
  const pages = new Map([
    [null, whole(Body.page(100))],
    [Body.idOf(99), whole(Body.page(100, { first: 100 }))],
    [Body.idOf(199), whole(Body.page(100, { first: 200, last: true }))],
  ])
  const joined = whole(Body.joined, 201)
  const notFound = whole(Body.conversationNotFound, 404)
  return (response, url, method) => {
    const answer = method === "POST" ? joined : pages.get(url.searchParams.get("page[after]"))
    const isKnown = url.pathname.includes(Body.conversation.conversationId)
    ;(isKnown && answer !== undefined ? answer : notFound)(response, url, method)
  }
}

const answers: ReadonlyMap<string | undefined, Answer> = new Map([
  ["25", whole(Body.page(25))],
  ["100", whole(Body.page(100))],
  ["25-chunked", chunked(Body.page(25))],
  ["100-chunked", chunked(Body.page(100))],
  ["conversation", conversation()],
])
const noAnswer = whole("{}", 404)

const onRequest: RequestListener = (request, response) => {
  request.resume()
  const url = new URL(request.url ?? "/", "http://server")
  const answer = answers.get(url.pathname.split("/")[1]) ?? noAnswer
  answer(response, url, request.method)
}

/** Made for this run, and kept in memory only. */
const selfSigned = async () => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  })
  return { cert, key }
}

const pair = process.argv[2] === "tls" ? await selfSigned() : undefined
const server = pair === undefined ? createServer(onRequest) : createSecureServer(pair, onRequest)
server.keepAliveTimeout = 120_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("the server has no port")
  const host = pair === undefined ? "http://127.0.0.1" : "https://localhost"
  process.send?.({ origin: `${host}:${address.port}`, ...(pair === undefined ? {} : { certificate: pair.cert }) })
})
process.once("disconnect", () => process.exit())
