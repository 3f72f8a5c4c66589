import type { Bus, BusOptions } from '@carillon/bus'

/** How a client joins a bus: `openBus` with a broker of one kind. Made by `amqp(…)` and `kafka(…)`. */
export interface BusLink {
  /** Throws 'missing-package' or 'bad-options' where `join` could not be: `load` asks before it asks a server. */
  readonly check?: () => void
  /** Joins in the background. Throws as `check` does. */
  readonly join: (member: BusMember) => Bus
}

/** What the client brings: who it is and what it listens to. */
export type BusMember = Pick<BusOptions, 'busId' | 'configNames' | 'onEvent' | 'onState' | 'onTrouble'>
