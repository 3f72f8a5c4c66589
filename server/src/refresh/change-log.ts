import { BusError, type Trace, type TransportState } from '@carillon/bus'
import { type Log, messageOf } from '../log.js'
import type { Announcement } from './announcer.js'
import type { RingOptions } from './ring.js'

/** What the change path says for people to read. */
export type ChangeLog = Pick<Log, 'info' | 'warn'>

/** The sentences for what happens on the change path. */
export interface ChangeMessages extends Pick<RingOptions, 'onAck' | 'onTrouble'> {
  readonly announced: (repository: string, announcements: readonly Announcement[], trace: Trace) => void
  readonly state: (state: TransportState) => void
  readonly trouble: (message: string, error: unknown) => void
}

export function changeMessages(log: ChangeLog): ChangeMessages {
  // Of one absence the consequences are told once, with its first reason.
  let consequences: 'told' | 'untold' | 'none' = 'untold'
  return {
    announced: (repository, announcements, { traceId }) => {
      const { label = '', commit = '' } = announcements[0] ?? {}
      const names = announcements.map(({ application }) => (application === '*' ? 'everybody' : application))
      const what = label === '' ? repository : `${label} at ${commit.slice(0, 10)}`
      log.info({ repository, label, commit, names, trace: traceId }, `Announced ${what} to ${names.join(', ')}`)
    },
    state: (state) => {
      consequences = state === 'connecting' ? 'untold' : 'none'
      log.info({ bus: state }, `The bus is ${state}`)
    },
    trouble: (message, error) => {
      const said = messageOf(error)
      log.warn({ error: said }, `${message}: ${said}`)
    },
    onTrouble: (error) => {
      const tells = consequences === 'untold' && isOfConnection(error)
      log.warn({ bus: 'trouble' }, tells ? `${error.message}. ${CONSEQUENCES}` : error.message)
      if (tells) consequences = 'told'
    },
    onAck: ({ originService, ackDestinationService }, { outcome, commits, reason }) => {
      if (outcome === undefined) return
      const fields = { instance: originService, destination: ackDestinationService, outcome, commits, reason }
      const level = outcome === 'rejected' || outcome === 'failed' ? 'warn' : 'info'
      log[level](fields, `${originService}: ${outcome}`)
    },
  }
}

/** What an operator who finds the broker stopped wants to know. */
const CONSEQUENCES =
  'Reads go on. Commits that cannot be announced now are kept, and announced once the bus is connected: that is tried until it works.'

function isOfConnection(error: Error): boolean {
  return error instanceof BusError && error.code !== 'subscriber-failed' && error.code !== 'unreadable-message'
}
