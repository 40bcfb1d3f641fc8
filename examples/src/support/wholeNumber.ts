import { Config, ConfigProvider, Option } from "effect"

/** A whole number from `min`, 0 unless told, up to `max` from a variable of the environment; `otherwise` if it is not set. */
export const wholeNumber = (
  name: string,
  options: { readonly min?: number; readonly max: number; readonly otherwise: number },
) =>
  Config.flatMap(Config.option(Config.String(name)), (value) => {
    if (Option.isNone(value)) return Config.succeed(options.otherwise)
    const number = Number(value.value)
    const { max, min = 0 } = options
    return /^\d+$/.test(value.value) && number >= min && number <= max
      ? Config.succeed(number)
      : Config.fail(
          new ConfigProvider.SourceError({
            message: `${name} is "${value.value}": Expected a whole number from ${min} to ${max.toLocaleString("en")}`,
          }),
        )
  })
