/**
 * A server on a TCP socket. It shows each request byte by byte, and answers with whatever bytes a test writes.
 */
import { Deferred, Effect, Queue } from "effect"
import * as Net from "node:net"

export interface Connection {
  readonly socket: Net.Socket
  /** Done when the connection has ended, whoever ended it. */
  readonly closed: Deferred.Deferred<void>
}

export interface RawRequest {
  readonly connection: Connection
  readonly method: string
  readonly target: string
  /** Names as they were sent, values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface RawServer {
  readonly port: number
  readonly url: string
  readonly connections: ReadonlyArray<Connection>
  readonly requests: ReadonlyArray<RawRequest>
  /** The same requests, for a test that waits for one to arrive. */
  readonly arrivals: Queue.Dequeue<RawRequest>
}

/** What a test does with a request: write to its connection, end it, or leave it waiting. */
export type Handler = (request: RawRequest, index: number) => void

const endOfHead = Buffer.from("\r\n\r\n")

/** The first request in the bytes, and what comes behind it; `undefined` while it is not complete. */
const parse = (bytes: Buffer, connection: Connection) => {
  const end = bytes.indexOf(endOfHead)
  if (end < 0) return undefined
  const [requestLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const bodyEnd = end + endOfHead.length + Number(headers["content-length"] ?? 0)
  if (bytes.length < bodyEnd) return undefined
  const [method = "", target = ""] = requestLine.split(" ")
  const body = bytes.subarray(end + endOfHead.length, bodyEnd).toString("utf8")
  const request: RawRequest = { connection, method, target, headers, body }
  return { request, rest: bytes.subarray(bodyEnd) }
}

/** Starts a server on a free port of the loopback interface; it ends, with all its connections, with the scope. */
export const make = Effect.fnUntraced(function* (
  handler: Handler,
  options?: { readonly onConnection?: (connection: Connection) => void },
) {
  const connections: Array<Connection> = []
  const requests: Array<RawRequest> = []
  const arrivals = yield* Queue.unbounded<RawRequest>()

  const accept = (socket: Net.Socket) => {
    const connection: Connection = { socket, closed: Deferred.makeUnsafe<void>() }
    connections.push(connection)
    // A client may reset the connection; what a test wants to know of it is that it closed.
    socket.on("error", () => {})
    socket.on("close", () => Deferred.doneUnsafe(connection.closed, Effect.void))
    let bytes: Buffer = Buffer.alloc(0)
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      for (let parsed = parse(bytes, connection); parsed !== undefined; parsed = parse(bytes, connection)) {
        bytes = parsed.rest
        requests.push(parsed.request)
        Queue.offerUnsafe(arrivals, parsed.request)
        handler(parsed.request, requests.length - 1)
      }
    })
    options?.onConnection?.(connection)
  }

  const server = yield* Effect.acquireRelease(
    Effect.callback<Net.Server>((resume) => {
      const server = Net.createServer(accept)
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const { socket } of connections) socket.destroy()
      }),
  )
  const address = server.address()
  if (address === null || typeof address === "string") return yield* Effect.die(new Error("a server without a port"))
  const raw: RawServer = {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    connections,
    requests,
    arrivals,
  }
  return raw
})

/** Writes a whole answer. */
export const respond = (
  { connection }: RawRequest,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const lines = Object.entries({
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  connection.socket.write(`HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n${body}`)
}

/** The port of a server that has just been closed: nobody listens there. */
export const closedPort = Effect.scoped(
  Effect.map(
    make(() => {}),
    ({ port }) => port,
  ),
)
