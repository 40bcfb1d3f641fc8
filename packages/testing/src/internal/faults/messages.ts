/**
 * What faults say, the same through memory and on the wire.
 */

/** The page of a gateway. */
export const html = "<!doctype html><title>A gateway</title><h1>This page is no answer of the API</h1>"

/** A connection that ended. The codes are those of Node.js. */
export const reset = { code: "ECONNRESET", description: "the connection was reset" } as const

export const refused = { code: "ECONNREFUSED", description: "the connection was refused" } as const
