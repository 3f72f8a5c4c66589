import type { Bus, BusOptions } from '@carillon/bus'

/** How a client joins a bus: `openBus` with a broker of one kind. Made by `amqp(…)` and `kafka(…)`. */
export interface BusLink {
  /** Joins in the background. Throws 'missing-package' where the broker's library is not installed. */
  readonly join: (member: BusMember) => Bus
}

/** What the client brings: who it is and what it listens to. */
export type BusMember = Pick<BusOptions, 'busId' | 'configNames' | 'onEvent' | 'onState' | 'onTrouble'>
