/**
 * What a process with a client in it is told.
 */
import { Schema } from "effect"

/** Comes first: which client to make. */
export const Start = Schema.Struct({
  client: Schema.String,
  baseUrl: Schema.String,
  size: Schema.Int,
  /** To be trusted, if the server speaks TLS. */
  certificate: Schema.optionalKey(Schema.String),
})
export interface Start extends Schema.Schema.Type<typeof Start> {}

/** Comes for each round; the answer is a `Cost`. */
export const Job = Schema.Struct({ times: Schema.Int, concurrency: Schema.Int })
export interface Job extends Schema.Schema.Type<typeof Job> {}
