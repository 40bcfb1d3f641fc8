/**
 * Errors of set-up: what is wrong with an option, in terms of that option. They never repeat a secret.
 */
import * as Config from "effect/Config"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Checked } from "./checks.ts"

/** Says what is allowed in `field`, a name with dots for what is nested. */
export const invalid = (field: string, expected: string): Schema.SchemaError =>
  new Schema.SchemaError(new SchemaIssue.InvalidValue({ message: `${field}: Expected ${expected}` }, undefined))

/** The same as a `ConfigError`, the one error type of set-up. */
export const configError = (field: string, expected: string): Config.ConfigError =>
  new Config.ConfigError(invalid(field, expected))

/** What was read from a variable, and checked. */
export const orFail = <A>(checked: Checked<A>, variable: string): Config.Config<A> =>
  Result.match(checked, {
    onFailure: ({ expected }) => Config.fail(invalid(variable, expected)),
    onSuccess: Config.succeed,
  })
