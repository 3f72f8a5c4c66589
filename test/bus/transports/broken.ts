import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { BrokerOptions } from '../../../bus/src/transports/connection.js'
import { openTransport } from '../../../bus/src/transports/open.js'
import { type Member, messageOf, openMember } from '../transport-contract.js'

/** Short enough for a test to see each deadline pass. */
const impatient: NonNullable<BrokerOptions['timings']> = {
  confirm: 1500,
  silence: 2000,
  check: 200,
  firstDelay: 50,
  longestDelay: 400,
}

/** Opens impatient members of one bus, and closes them all. */
export function openMembers(destination = `carillon-faults-${randomUUID()}`) {
  const members: Member[] = []
  return {
    destination,
    open: (url: string, options: Partial<BrokerOptions> = {}): Member => {
      const opener = (own: Parameters<typeof openTransport>[1]) => openTransport(url, { timings: impatient, ...own, ...options })
      const member = openMember(opener, { destination: options.destination ?? destination, receives: options.receives ?? 'all' })
      members.push(member)
      return member
    },
    close: () => Promise.all(members.map(({ transport }) => transport.close())),
  }
}

/** Resolves once the condition holds. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; !condition(); await pause(10)) if (Date.now() > until) throw new Error(`not within 30 s: ${what}`)
}

/** Resolves once all have heard this text from the first. A member that comes back late, or learns late that it was away, hears a later copy. */
export async function comeTogether(text: string, members: readonly Member[]): Promise<void> {
  const [sender] = members
  for (const until = Date.now() + 30_000; ; await pause(100)) {
    const missing = members.filter(({ heard }) => !heard().includes(text)).map(({ transport }) => transport.state())
    if (missing.length === 0) return
    if (Date.now() > until) throw new Error(`not within 30 s: ${missing.length} members hear "${text}"; they are ${missing.join(', ')}`)
    // Refused while it is not connected: the next turn tries again.
    await sender?.transport.publish(messageOf(text)).catch(() => {})
  }
}

/** The first recorded message of real Spring members. */
export function firstRecorded(jsonl: string): Record<string, unknown> {
  const lines = jsonl.split('\n').filter((line) => line.includes('"body"'))
  return JSON.parse(lines[0] ?? '{}')
}
