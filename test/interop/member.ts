import { randomUUID } from 'node:crypto'
import { type AckEvent, type Announcement, openBus, openTransport } from '../../bus/src/index.js'
import { eventually } from '../server/trees/repositories.js'

/** A member of the bus in this process, made with nothing but @carillon/bus. It remembers what it hears. */
export interface Member {
  readonly id: string
  /** What reached it because it is meant, and what others sent to whomever. */
  readonly reached: readonly Announcement[]
  readonly overheard: readonly Announcement[]
  readonly acks: readonly AckEvent[]
  readonly close: () => Promise<void>
}

/** How long anything may take (ms). */
export const PATIENCE = 15_000

/** Joins the bus with the profiles dev and eu, and answers `applied` to what is meant for it. Resolves once it is connected. */
export async function joinAsMember(broker: string, application: string): Promise<Member> {
  const reached: Announcement[] = []
  const overheard: Announcement[] = []
  const acks: AckEvent[] = []
  const troubles: string[] = []
  const bus = openBus({
    busId: `${application}:dev,eu:8081:${randomUUID()}`,
    // On Kafka our acks take a topic that Spring members do not read, unless they are told to take Spring's.
    openTransport: (events) =>
      openTransport(broker, { ...events, destination: 'springCloudBus', receives: 'all', ackTopic: 'springCloudBus' }),
    onEvent: (event) => {
      reached.push(event)
      return { outcome: 'applied' }
    },
    onOverheard: (event) => overheard.push(event),
    onAck: (ack) => acks.push(ack),
    onTrouble: (error) => troubles.push(error.message),
  })
  await eventually(
    () => [bus.state(), ...troubles],
    ([state]) => state === 'connected',
    PATIENCE,
  )
  return { id: bus.id, reached, overheard, acks, close: bus.close }
}

/** The first thing in a growing list that fits, as soon as it is there. */
export async function firstOf<T>(list: readonly T[], fits: (one: T) => boolean, { from = 0, within = PATIENCE } = {}): Promise<T> {
  const fitting = () => list.slice(from).filter(fits)
  const [first] = await eventually(fitting, ({ length }) => length > 0, within)
  return first!
}

/** Asks a peer to answer until it does: it is up before its consumer is on the bus. All that was asked before is then answered too. */
export async function untilOnBus(isAnswered: (within: number) => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + 30_000; ; ) {
    try {
      await isAnswered(500)
      return
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}
