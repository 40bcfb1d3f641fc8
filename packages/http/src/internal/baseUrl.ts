/**
 * Which addresses credentials may be sent to.
 */
import * as Result from "effect/Result"

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)

/** The base URL without a slash at its end; fails with what is allowed if a request must not or cannot be sent there. */
export const parse = (input: string | URL): Result.Result<string, string> => {
  if (!URL.canParse(String(input))) return Result.fail("an absolute URL, such as https://api.smooch.io")
  const url = new URL(input)
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return Result.fail("https; http only to this machine (localhost, 127.0.0.1, [::1])")
  }
  if (url.username !== "" || url.password !== "") return Result.fail("a URL without credentials in it")
  if (url.search !== "" || url.hash !== "") return Result.fail("a URL without a query or a fragment")
  const path = url.pathname.replace(/\/+$/, "")
  if (path.endsWith("/v2")) return Result.fail("a URL without /v2 at its end, which is added to it")
  return Result.succeed(url.origin + path)
}
