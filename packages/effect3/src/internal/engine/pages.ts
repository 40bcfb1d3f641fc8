/**
 * Pages through a service of the application.
 */
import * as Effect from "effect4/Effect"
import * as Exit from "effect4/Exit"
import * as Pull from "effect4/Pull"
import * as Scope from "effect4/Scope"
import * as Stream from "effect4/Stream"
import { type Page, Paginator, Participants } from "@effect-sunco/core"
import type * as Boundary from "./boundary.ts"
import { runFor } from "./caller.ts"
import { errorOf, plainPagesError } from "./errors.ts"
import { pageOf } from "./models.ts"
import { fromTask } from "./task.ts"

const unused = () => Effect.die(new Error("the paginator lists, and nothing else"))

/** The paginator for callers without types: it validates what it is given. */
const paginator: {
  pages(request: unknown): Stream.Stream<Page.ParticipantPage, Paginator.PagesError, Participants.Participants>
} = Paginator

export const pages: Boundary.Engine["pages"] = (request, list, caller) => {
  const service = Participants.Participants.of({
    join: unused,
    leave: unused,
    list: (asked) => Effect.mapBoth(fromTask(list(asked)), { onSuccess: pageOf, onFailure: errorOf }),
  })
  const scope = Scope.makeUnsafe()
  return runFor(
    caller,
    paginator.pages(request).pipe(
      Stream.provideService(Participants.Participants, service),
      Stream.toPull,
      Effect.provideService(Scope.Scope, scope),
      Effect.map((pull) => ({
        pull: runFor(
          caller,
          pull.pipe(
            Effect.map((batch): ReadonlyArray<ReadonlyArray<string>> | undefined =>
              batch.map(({ participants }) => participants.map(({ id }) => id)),
            ),
            Pull.catchDone(() => Effect.undefined),
            Effect.mapError(plainPagesError),
          ),
        ),
        close: runFor(caller, Scope.close(scope, Exit.void)),
      })),
    ),
  )
}
