/**
 * Which join made which membership, as the server of a soak sees it.
 */
import type { Participant } from "@effect-sunco/core"

export const makeWrites = () => {
  /** The memberships that somebody has made. */
  const known = new Set<string>()
  /** How many memberships each join has made. */
  const made = new Map<string, number>()
  const rejected = new Set<string>()

  return {
    /** Nobody has made the members that are there at first. */
    begin: (members: ReadonlyArray<Participant.Participant>) => {
      for (const { id } of members) known.add(id)
    },
    /** A request of a join has ended: what is new of its user is its work. */
    ended: (call: string, userId: string, members: ReadonlyArray<Participant.Participant>) => {
      for (const { id, userId: member } of members) {
        if (member !== userId || known.has(id)) continue
        known.add(id)
        made.set(call, (made.get(call) ?? 0) + 1)
      }
    },
    /** The client says that these joins were not made. */
    reject: (calls: ReadonlyArray<string>) => {
      for (const call of calls) rejected.add(call)
    },
    counts: () => ({
      joins: made.size,
      doubleWrites: [...made.values()].filter((count) => count > 1).length,
      deniedWrites: [...rejected].filter((call) => made.has(call)).length,
    }),
  }
}
