/**
 * The engine's names for durations, and ours, which say the unit.
 */
const names: Readonly<Record<string, string>> = {
  "credentials.lifetime": "credentials.lifetimeMs",
  "credentials.timeToLive": "credentials.timeToLiveMs",
  "limits.rate.window": "limits.rate.windowMs",
  "retryPolicy.attemptTimeout": "retryPolicy.attemptTimeoutMs",
  "retryPolicy.base": "retryPolicy.baseMs",
  "retryPolicy.cap": "retryPolicy.capMs",
  "retryPolicy.deadline": "retryPolicy.deadlineMs",
  "retryPolicy.maxRetryAfter": "retryPolicy.maxRetryAfterMs",
  "retryPolicy.verify.delay": "retryPolicy.verify.delayMs",
}

/** Our name of an option of the engine. */
export const inMillis = (field: string): string => names[field] ?? field
