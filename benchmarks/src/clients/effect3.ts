/**
 * The package for Effect 3, which runs two lines of Effect.
 */
import { make as makeEffect3 } from "../../../packages/effect3/bench/client.ts"
import { conversation } from "../support/body.ts"
import { type Client, credentials, type Options } from "./client.ts"

export const make = (options: Options): Promise<Client> => makeEffect3({ ...options, ...credentials, conversation })
