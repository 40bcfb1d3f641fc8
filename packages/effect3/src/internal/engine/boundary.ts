/**
 * What crosses between the application, which runs on Effect 3, and the engine, which is `core`, `http` and `testing` on
 * Effect 4: plain values and functions. No value of Effect crosses, because both lines recognise theirs by the same ids.
 *
 * Durations are milliseconds, times are milliseconds since 1970, and what is missing is undefined.
 */
import type * as Duration from "effect/Duration"

// ---------------------------------------------------------------------------
// Tasks
// ---------------------------------------------------------------------------

export type Outcome<A, E> =
  | { readonly _tag: "Success"; readonly value: A }
  | { readonly _tag: "Failure"; readonly error: E }
  | { readonly _tag: "Defect"; readonly defect: unknown }
  | { readonly _tag: "Interrupted" }

/** Interrupts a task, and calls back when it has ended. */
export type Interrupt = (ended: () => void) => void

/** An effect of the other runtime: starts it, and reports its outcome once. */
export type Task<A, E = never> = (resume: (outcome: Outcome<A, E>) => void) => Interrupt

/** A `Redacted`. */
export interface Secret {
  readonly reveal: () => string
}

// ---------------------------------------------------------------------------
// Models
// ---------------------------------------------------------------------------

export interface Participant {
  readonly id: string
  readonly userId: string
  readonly userExternalId: string | undefined
  readonly unreadCount: number
  readonly clientAssociations: ReadonlyArray<{ readonly type: string; readonly clientId: string | undefined }>
  readonly lastRead: number | undefined
}

export interface PageMeta {
  readonly hasMore: boolean
  readonly afterCursor: string | undefined
  readonly beforeCursor: string | undefined
}

/** Where a page lies. */
export interface Place {
  /** Undefined if the answer does not say. */
  readonly meta: PageMeta | undefined
  readonly links: { readonly prev: string | undefined; readonly next: string | undefined }
}

export interface Page extends Place {
  readonly participants: ReadonlyArray<Participant>
}

/** What the paginator reads of a page of the application. */
export interface Outline extends Place {
  /** The ids of the participants. */
  readonly ids: ReadonlyArray<string>
}

// ---------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------

export type Operation = "join" | "leave" | "list"

/**
 * The texts of a server and the durations of errors: those of one line of Effect, or plain. Fields are optional, because the
 * errors of both lines have these types.
 */
export interface Body<Text = Secret> {
  readonly contentType?: string | undefined
  readonly bytes: number
  readonly text: Text
  readonly problem?: string | undefined
}

export interface Answer<Text = Secret> {
  readonly errors: ReadonlyArray<{ readonly code: string; readonly title: string }>
  readonly body?: Body<Text> | undefined
}

export type AttemptReason<Text = Secret, Time = number> =
  | ({
      readonly _tag: "Unauthorized"
      readonly credentials?: "basic" | "bearer" | "jwt" | undefined
    } & Answer<Text>)
  | ({ readonly _tag: "Forbidden" } & Answer<Text>)
  | ({
      readonly _tag: "RateLimited"
      readonly retryAfter?: Time | undefined
      readonly waited?: Time | undefined
    } & Answer<Text>)
  | ({
      readonly _tag: "ServerError"
      readonly status: number
      readonly retryAfter?: Time | undefined
    } & Answer<Text>)
  | ({
      readonly _tag: "UnexpectedStatus"
      readonly status: number
      readonly location?: Text | undefined
      readonly retryAfter?: Time | undefined
    } & Answer<Text>)
  | {
      readonly _tag: "Transport"
      readonly description: string
      readonly sent: boolean
      readonly code?: string | undefined
    }
  | {
      readonly _tag: "TimedOut"
      readonly after: Time
      readonly sent: boolean
      readonly limit?: "deadline" | "attemptTimeout" | undefined
      readonly waitingFor?: "answer" | "credential" | "turn" | "rate limit" | undefined
    }
  | {
      readonly _tag: "InvalidResponse"
      readonly status: number
      readonly detail: string
      readonly body: Body<Text>
    }

export type Reason<Text = Secret, Time = number> =
  | AttemptReason<Text, Time>
  | { readonly _tag: "InvalidRequest"; readonly field: string; readonly expected: string }
  | {
      readonly _tag: "OutcomeUnknown"
      readonly attempts: ReadonlyArray<AttemptReason<Text, Time>>
      readonly detail?: string | undefined
    }

export interface ConversationNamed {
  readonly appId?: string | undefined
  readonly conversationId?: string | undefined
}

/** Which call an error ends. */
export interface CallNamed extends ConversationNamed {
  readonly operation: Operation
  readonly user?:
    | {
        readonly userId?: string | undefined
        readonly userExternalId?: string | undefined
        readonly participantId?: string | undefined
      }
    | undefined
  readonly baseUrl?: string | undefined
}

export type DocumentedError<Text = Secret> = {
  readonly _tag: "BadRequest" | "NotFound"
  readonly cursor?: string | undefined
} & CallNamed &
  Answer<Text>

export interface SunshineError<Text = Secret, Time = number> extends CallNamed {
  readonly _tag: "SunshineError"
  readonly reason: Reason<Text, Time>
  readonly cursor?: string | undefined
  readonly cause?: unknown
  /** The cause in place of `cause`, if it is an error of the engine. */
  readonly causedBy?: PagesError | undefined
}

export interface PaginationError extends ConversationNamed {
  readonly _tag: "PaginationError"
  readonly description: string
  readonly cursor?: string | undefined
}

export type CallError<Text = Secret, Time = number> = DocumentedError<Text> | SunshineError<Text, Time>

export type PagesError<Text = Secret, Time = number> = CallError<Text, Time> | PaginationError

/** An option or a variable that is wrong: `name: Expected what is allowed`. */
export interface OptionError {
  readonly message: string
}

// ---------------------------------------------------------------------------
// Options
// ---------------------------------------------------------------------------

/** A number of milliseconds, or another way to write a duration, which is the same in both lines. */
export type DurationInput = Exclude<Duration.DurationInput, Duration.Duration>

export interface Policy {
  readonly attempts?: number | undefined
  readonly attemptTimeout?: DurationInput | undefined
  readonly deadline?: DurationInput | undefined
  readonly base?: DurationInput | undefined
  readonly cap?: DurationInput | undefined
  readonly maxRetryAfter?: DurationInput | undefined
  readonly verify?: { readonly attempts: number; readonly delay: DurationInput } | false | undefined
}

export type Scope = "app" | "account" | "integration"

export type Credentials =
  | { readonly kind: "basic"; readonly keyId: string; readonly secret: Secret }
  | { readonly kind: "fixedBearer"; readonly token: Secret; readonly timeToLive: DurationInput | undefined }
  | { readonly kind: "bearer"; readonly token: Task<Secret, unknown>; readonly timeToLive: DurationInput | undefined }
  | {
      readonly kind: "jwt"
      readonly keyId: string
      readonly secret: Secret
      readonly scope: Scope
      readonly lifetime: DurationInput | undefined
    }

export interface Limits {
  readonly concurrency: number | undefined
  readonly rate: Rate | undefined
}

export interface Rate {
  readonly limit: number
  readonly window: DurationInput
  readonly algorithm: "fixed-window" | "token-bucket" | undefined
}

export interface Options {
  readonly baseUrl: string | URL | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly retryPolicy: Policy | undefined
  readonly allowHttp: boolean | undefined
  readonly limits: Limits
  readonly maxBodySize: number | undefined
  readonly propagateTraces: boolean | undefined
}

/** The environment variables that are set; those that hold secrets are revealed when they are read. */
export interface Environment {
  readonly SUNCO_BASE_URL: string | undefined
  readonly SUNCO_ALLOW_HTTP: string | undefined
  readonly SUNCO_KEY_ID: string | undefined
  readonly SUNCO_KEY_SECRET: Secret | undefined
  readonly SUNCO_TOKEN: Secret | undefined
}

// ---------------------------------------------------------------------------
// The caller: what a call uses of the application
// ---------------------------------------------------------------------------

export interface Request {
  readonly method: "GET" | "POST"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ResponseBody
}

export type ResponseBody =
  /** It has been read with the head; undefined if it could not be read to its end. */
  | { readonly _tag: "Whole"; readonly bytes: Uint8Array | undefined }
  /** Pulls the next bytes, or undefined at the end. */
  | { readonly _tag: "Chunks"; readonly pull: Task<ReadonlyArray<Uint8Array> | undefined, unknown> }

export interface SendError {
  /** Whether the HTTP client refused the request before it used the network. */
  readonly refused: boolean
  readonly description: string | undefined
  readonly cause: unknown
}

export interface Clock {
  readonly millis: () => number
  readonly nanos: () => bigint
  readonly sleep: (millis: number) => Task<void>
}

export interface Span {
  readonly spanId: string
  readonly traceId: string
  readonly sampled: boolean
  readonly attributes: ReadonlyMap<string, unknown>
  readonly attribute: (key: string, value: unknown) => void
  readonly event: (name: string, startTime: bigint, attributes: Readonly<Record<string, unknown>> | undefined) => void
  readonly end: (endTime: bigint, outcome: Outcome<void, string>) => void
}

export interface Tracer {
  /** Starts a span in `parent`, or in the span of the caller. */
  readonly span: (
    name: string,
    options: {
      readonly parent: Span | undefined
      readonly kind: "internal" | "server" | "client" | "producer" | "consumer"
      readonly startTime: bigint
    },
  ) => Span
}

export interface Caller {
  /** Undefined if the caller has the clock of the machine. */
  readonly clock: Clock | undefined
  /** Undefined if the caller turned tracing off. */
  readonly tracer: Tracer | undefined
  /** The outermost first. */
  readonly overrides: ReadonlyArray<Policy>
}

/** One request and its connection. */
export interface Sending {
  readonly answer: Task<Response, SendError>
  /** Closes the connection, when the answer is given up. */
  readonly close: () => void
}

/** A caller of a service over HTTP. */
export interface HttpCaller extends Caller {
  readonly send: (request: Request, within: Span | undefined) => Sending
}

// ---------------------------------------------------------------------------
// The engine
// ---------------------------------------------------------------------------

/** Requests are validated by the engine, so anything can be given. */
export interface Service<C extends Caller> {
  readonly join: (request: unknown, caller: C) => Task<Participant, CallError>
  readonly leave: (request: unknown, caller: C) => Task<void, CallError>
  readonly list: (request: unknown, caller: C) => Task<Page, CallError>
}

export interface Pages {
  /** The ids of the participants on the next pages, or undefined after the last one. */
  readonly pull: Task<ReadonlyArray<ReadonlyArray<string>> | undefined, PagesError>
  readonly close: Task<void>
}

export interface Member {
  readonly userId: string
  readonly unreadCount?: number | undefined
  readonly lastRead?: number | undefined
}

export interface User {
  readonly id: string
  readonly externalId?: string | undefined
  readonly clients?: ReadonlyArray<{ readonly type: string; readonly id: string }> | undefined
}

export interface Conversation {
  readonly id: string
  readonly type: "sdkGroup" | "personal"
  readonly participants: ReadonlyArray<Member>
}

export interface Seed {
  readonly apps: ReadonlyArray<{
    readonly id: string
    readonly users: ReadonlyArray<User>
    readonly conversations: ReadonlyArray<Conversation>
  }>
  readonly rules: Rules
}

export interface Rules {
  readonly joiningTwice?: "same participant" | "bad request" | "another participant" | undefined
  readonly joiningPersonal?: "bad request" | "allowed" | undefined
  readonly leavingPersonal?: "bad request" | "allowed" | undefined
  readonly unknownUserLeaving?: "user_not_found" | "not_found" | undefined
  readonly maxParticipants?: number | undefined
  readonly listDelay?: DurationInput | undefined
  readonly order?: "oldest first" | "newest first" | undefined
  readonly goneCursor?: "its place" | "bad request" | undefined
  readonly hasMoreBefore?: "before" | "after" | undefined
}

export interface ConversationReference {
  readonly appId: string
  readonly conversationId: string
}

export interface SandboxCall extends ConversationReference {
  readonly operation: Operation
  readonly user: {
    readonly userId?: string | undefined
    readonly userExternalId?: string | undefined
    readonly participantId?: string | undefined
  }
  readonly subscribeSDKClient?: boolean | undefined
  readonly page?:
    | {
        readonly after?: string | undefined
        readonly before?: string | undefined
        readonly size?: number | undefined
      }
    | undefined
  readonly changed: boolean
}

export interface Sandbox {
  readonly calls: (caller: Caller) => Task<ReadonlyArray<SandboxCall>>
  readonly participants: (conversation: ConversationReference, caller: Caller) => Task<ReadonlyArray<Participant>>
  readonly addUser: (appId: string, user: User, caller: Caller) => Task<void>
  readonly addConversation: (appId: string, conversation: Conversation, caller: Caller) => Task<void>
  readonly addParticipant: (
    request: ConversationReference & { readonly userId: string },
    caller: Caller,
  ) => Task<Participant>
  readonly removeParticipant: (
    request: ConversationReference & { readonly userId: string },
    caller: Caller,
  ) => Task<void>
}

export interface Engine {
  /** The service over the HTTP client of its callers. */
  readonly open: (options: Options, credentials: Credentials) => Task<Service<HttpCaller>, OptionError>
  /** The same with the base URL and credentials of the environment. */
  readonly openFrom: (environment: Environment) => Task<Service<HttpCaller>, OptionError>
  /** The service in memory, and the sandbox that it works on. */
  readonly openMemory: (
    seed: Seed,
    caller: Caller,
  ) => Task<{ readonly service: Service<Caller>; readonly sandbox: Sandbox }>
  /** Pages through what `list` lists. Pages come in the order in which they were listed, some without all of their ids. */
  readonly pages: (
    request: unknown,
    list: (request: ListRequest) => Task<Outline, CallError>,
    caller: Caller,
  ) => Task<Pages>
  /** The ids of the demo. */
  readonly demo: {
    /** The app. */
    readonly appId: string
    /** The `sdkGroup` conversation. */
    readonly conversationId: string
    /** The personal conversation. */
    readonly personalId: string
    /** A user who exists and has not joined the `sdkGroup` conversation. */
    readonly userId: string
    /** The external id of that user. */
    readonly userExternalId: string
  }
  /** The apps of the demo, with so many participants. */
  readonly demoApps: (participants: number | undefined) => ReadonlyArray<{
    readonly id: string
    readonly users: ReadonlyArray<User>
    readonly conversations: ReadonlyArray<{
      readonly id: string
      readonly type: "sdkGroup" | "personal"
      readonly participants: ReadonlyArray<string>
    }>
  }>
  readonly messageOf: (error: PagesError) => string
  readonly describeReason: (reason: Reason) => {
    readonly message: string
    readonly outcome: "rejected" | "not processed" | "ambiguous"
  }
  readonly isRetryable: (error: SunshineError) => boolean
  readonly isNextUnreachable: (page: Outline) => boolean
  readonly isPreviousUnreachable: (page: Outline) => boolean
}

export interface ListRequest extends ConversationReference {
  readonly page?:
    | { readonly after?: string | undefined; readonly before?: undefined; readonly size?: number | undefined }
    | { readonly before?: string | undefined; readonly after?: undefined; readonly size?: number | undefined }
    | {
        readonly after?: string | undefined
        readonly before?: string | undefined
        readonly size?: number | undefined
        readonly "Name after or before, not both": never
      }
    | undefined
}
