import { refreshEvent } from '@carillon/bus'
import type { BusLink, BusMember } from '../bus-link.js'

/** A bus with one member and nobody else, in this process. */
export interface FakeBus {
  readonly link: BusLink
  readonly connect: () => void
  readonly disconnect: () => void
  /** Tells the member that there is something new; while it is disconnected it hears nothing. */
  readonly announce: (commit: string) => void
}

/** Connected from the first moment on. */
export function fakeBus(): FakeBus {
  let member: BusMember | undefined
  let state: 'connecting' | 'connected' | 'closed' = 'connecting'
  const become = (next: typeof state) => {
    if (state === next || state === 'closed') return
    state = next
    member?.onState?.(next)
  }
  return {
    connect: () => become('connected'),
    disconnect: () => become('connecting'),
    announce: (commit) => {
      if (member === undefined || state !== 'connected') return
      const event = refreshEvent({ originService: 'fake:0:server', destinationService: '**' })
      void member.onEvent(event, { commits: [commit] })
    },
    link: {
      join: (joining) => {
        member = joining
        become('connected')
        return {
          id: joining.busId,
          publish: async () => {},
          acknowledge: async () => {},
          state: () => state,
          reason: () => undefined,
          close: async () => become('closed'),
        }
      },
    },
  }
}
