/**
 * What a call reports: an event, without what it is about.
 */
import type { About, Event } from "../Events.ts"

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

export type Happened = Without<Event, keyof About>
