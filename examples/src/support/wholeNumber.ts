import { Config, ConfigProvider, Option } from "effect"

/** A whole number up to `max` from a variable of the environment; `otherwise` if it is not set. */
export const wholeNumber = (name: string, options: { readonly max: number; readonly otherwise: number }) =>
  Config.flatMap(Config.option(Config.String(name)), (value) => {
    if (Option.isNone(value)) return Config.succeed(options.otherwise)
    const number = Number(value.value)
    return /^\d+$/.test(value.value) && number <= options.max
      ? Config.succeed(number)
      : Config.fail(
          new ConfigProvider.SourceError({
            message: `${name} is "${value.value}": Expected a whole number from 0 to ${options.max.toLocaleString("en")}`,
          }),
        )
  })
